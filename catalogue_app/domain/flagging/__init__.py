"""The rules that raise findings, one file a kind of finding."""
