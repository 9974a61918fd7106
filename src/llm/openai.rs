//! OpenAI chat completions and servers that speak them.
