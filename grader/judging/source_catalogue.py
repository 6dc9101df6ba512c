"""The names that static reading knows, and the words it reports them in."""

from __future__ import annotations

# What torch offers of the same under other names, by the namespace that is off limits.
ROUTES = {
    "torch.nn": (
        *(
            "torch._C._nn.*",
            "torch._VF.*",
            "torch._C._VariableFunctions.*",
            "torch.ops.*",
            "torch._refs.nn.*",
        ),
        *("torch.ao.nn.*", "torch.native_*", "torch.cross_entropy_loss*", "torch.nll_loss*", "torch.*_loss"),
        *("torch.binary_cross_entropy_with_logits", "torch.kl_div", "torch.batch_norm", "torch.layer_norm"),
        *(
            "torch.conv[123]d",
            "torch.bilinear",
            "torch.embedding",
            "torch.dropout*",
            "torch.lstm",
            "torch.gru",
        ),
    ),
    "torch.optim": ("torch._fused_*",),
}
# Neither layers, losses nor optimizers: shown to staff, but free.
HARMLESS = ("torch.nn.Parameter", "torch.nn.parameter", "torch.nn.init", "torch.nn.utils")
NAMESPACES = ("torch.nn.modules", "torch.nn.modules.*", "torch.nn.functional", "torch.ops.aten")

MODULES = {
    "dynamic-import": ("importlib", "imp", "runpy"),
    "process-or-network": (
        *(
            "subprocess",
            "multiprocessing",
            "threading",
            "_thread",
            "concurrent",
            "signal",
            "pty",
            "ctypes",
            "_ctypes",
        ),
        *("socket", "socketserver", "ssl", "http", "urllib", "ftplib", "smtplib", "requests", "cffi"),
        *("torch.multiprocessing", "torch.distributed", "torch.utils.cpp_extension"),
    ),
}
NAMES = {
    "pretrained-weights": (
        *(
            "torch.load",
            "torch.hub",
            "torch.jit.load",
            "torch.from_file",
            "torch.serialization",
            "pickle.load",
        ),
        *("pickle.loads", "pickle.Unpickler", "joblib.load", "safetensors", "marshal.loads"),
        *("base64", "binascii", "zlib.decompress", "lzma", "bz2", "gzip"),
        *("numpy.load", "numpy.loadtxt", "numpy.genfromtxt", "numpy.fromfile", "numpy.memmap"),
    ),
    "dynamic-import": (
        *("builtins.__import__", "builtins.exec", "builtins.eval", "builtins.compile", "builtins.globals"),
        *("sys.path", "sys.meta_path"),
    ),
    "process-or-network": (
        *("os.system", "os.popen", "os.fork", "os.forkpty", "os.kill", "os.killpg", "os.posix_spawn"),
        *("os.exec*", "os.spawn*", "os._exit"),
    ),
    "test-detection": (
        *(
            "inspect.stack",
            "inspect.currentframe",
            "inspect.getouterframes",
            "sys._getframe",
            "sys._current_frames",
        ),
        *(
            "gc.get_objects",
            "gc.get_referrers",
            "gc.get_referents",
            "sys.modules",
            "sys.settrace",
            "sys.setprofile",
        ),
        *("traceback.extract_stack", "traceback.walk_stack"),
    ),
}
DATA_ENDINGS = (
    ".pt",
    ".pth",
    ".ckpt",
    ".npz",
    ".npy",
    ".pkl",
    ".pickle",
    ".joblib",
    ".safetensors",
    ".onnx",
    ".h5",
)
MAX_NUMBERS = 5_000
MAX_STRING_CHARS = 4_000
MAX_STRINGS_CHARS = 20_000

WORDS = {
    "pretrained-weights": "{what} can bring in weights that were trained elsewhere; training belongs here",
    "dynamic-import": "{what} reaches code by a name that can't be read here",
    "process-or-network": "{what} controls processes or threads, or uses the network",
    "test-detection": "{what} can look at the program that runs this code",
    "patches-library": "sets {what}, which belongs to a library",
}
