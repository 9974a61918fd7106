//! The loop: events in, effects out, frames scheduled. Shared by the screen and the headless front ends: `engine`
//! performs effects, `screen` runs the loop on a terminal.
