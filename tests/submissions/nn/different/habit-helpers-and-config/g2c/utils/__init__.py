from .meters import AverageMeter
