"""Members that the models call required and that AWS leaves out all the same: by shape and member."""

LEFT_OUT = {
    ("ListHostedZonesResponse", "Marker"),  # sent only when the request had one
    ("State", "errorCode"),  # Inspector, when there is no error
    ("State", "errorMessage"),
}
