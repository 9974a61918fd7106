//! The rectangles of the panes for any size from 1×1 up: pure geometry.
