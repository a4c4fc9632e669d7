"""Average predictions over noise: in the layers, in the images, between networks.

The lecture's theme: randomness in the forward pass while training, averaged out at test time.
``probabilities`` are what is averaged; ``sources`` say where the noise comes from; ``running``
holds the average so far, and how certain it is; ``passes`` runs the networks.
"""

from cs231n.marginalize.passes import predict, stream
from cs231n.marginalize.probabilities import average, entropy, log_softmax, softmax, votes
from cs231n.marginalize.running import Average
from cs231n.marginalize.sources import LAYERS, Views
