"""Meshes a part finely and writes it for a solver:  python example.py part.step part.vtu"""

import sys

from meshgen import Client, MeshgenError

part, out = sys.argv[1:]
client = Client()
try:
    geometry = client.upload(part)
    print(f"{part}: {geometry['solid_count']} solid(s), {geometry['face_count']} faces")
    mesh = client.mesh(geometry["id"], {"size": {"fineness": 6}})
    print(f"{mesh['id']}: {mesh['status']}")
    print(client.download(mesh["id"], out))
except MeshgenError as e:
    sys.exit(f"{e.code}: {e}")
