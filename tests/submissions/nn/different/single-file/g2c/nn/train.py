from g2c.nn.modules import (  # noqa: F401
    accuracy_from_logits,
    build_2d_classifier,
    build_mnist_mlp,
    evaluate_accuracy,
    train_classifier,
    train_linear_regression,
    train_one_epoch,
)
