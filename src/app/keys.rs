//! The one table of key bindings: dispatch, `?`, footer hints and the config override read it.
