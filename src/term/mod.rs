//! The terminal: modes, the one writer, input, clipboard, signals. Restoring is one idempotent function that every way
//! out shares.
