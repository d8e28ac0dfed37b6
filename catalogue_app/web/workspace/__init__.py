"""The workspace of an organ: what is to do, its entries, registering step by step."""
