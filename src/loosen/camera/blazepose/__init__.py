"""The BlazePose tracker on LiteRT: a picture in, 33 landmarks out."""
