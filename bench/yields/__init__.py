"""The yield of ways to ask, over simulated models and worlds of known truth. It proves mechanisms, never real yield."""
