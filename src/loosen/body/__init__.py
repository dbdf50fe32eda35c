"""What a body is: poses, the signals read from them, and the figure that moves like one."""
