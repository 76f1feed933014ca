"""The yield of ways to ask, simulated over worlds of known truth. It proves mechanisms, never real yield."""
