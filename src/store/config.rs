//! Configuration: defaults < `config.toml` < environment < flags. A mistake names the file, the line and what is legal.
