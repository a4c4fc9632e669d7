"""Training in practice: recipes, many networks at once, and what each technique is worth."""
