"""What every deployable does alike with its environment. Imports nothing but the standard library."""
