"""How the person is asked to get up: each way behind the one interface of `base.Prompter`."""
