"""The guided session: scene after scene, what is said and what stands on the stage."""
