"""Pictures of images, of results and of networks: grids, the ladder, curves, receptive fields.

Nothing here imports matplotlib until a figure is drawn, and no figure touches pyplot or any other
global state, so everything works in any thread and without a display.
"""

from cs231n.visualize.architecture import plot_architecture
from cs231n.visualize.augmentations import augmentation_grid
from cs231n.visualize.curves import plot_curves
from cs231n.visualize.effective_fields import plot_effective_fields, plot_effective_growth
from cs231n.visualize.ensemble import plot_ensemble
from cs231n.visualize.experiment import plot_experiment
from cs231n.visualize.explorer import explore
from cs231n.visualize.figures import save_figure
from cs231n.visualize.fractional_pooling import plot_modes
from cs231n.visualize.grid import image_grid
from cs231n.visualize.inference import plot_inference
from cs231n.visualize.ladder import plot_ladder
from cs231n.visualize.receptive_fields import plot_stacked_view
from cs231n.visualize.report import render_report
