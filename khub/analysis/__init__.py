"""Analysis: achievement, obstacles, outputs and review times over periods."""
