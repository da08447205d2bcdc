"""Several processes that train one model: they meet in the optimizers, whose gradients are averaged before a step."""

from __future__ import annotations

import os

import torch
import torch.distributed as dist


def init_distributed(device: str) -> tuple[int, int]:
    """Join the processes that torchrun started, if it did; returns (rank, world size)."""
    world_size = int(os.environ.get("WORLD_SIZE", 1))
    if world_size > 1:
        dist.init_process_group("nccl" if device == "cuda" else "gloo")
        return dist.get_rank(), world_size
    return 0, 1


def all_reduce_gradients(optimizer: torch.optim.Optimizer, args: tuple, kwargs: dict) -> None:
    """Before an optimizer steps: its gradients become their mean over the processes, in one message."""
    gradients = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
    flat = torch.cat([g.flatten() for g in gradients])
    dist.all_reduce(flat)
    flat /= dist.get_world_size()
    for gradient, part in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
        gradient.copy_(part.view_as(gradient))


def broadcast_choice(choice: str, choices: tuple[str, ...], device: torch.device, world_size: int) -> str:
    """The first process's choice, in all of them."""
    if world_size == 1:
        return choice
    index = torch.tensor(choices.index(choice), device=device)
    dist.broadcast(index, 0)
    return choices[int(index)]


def any_process(flag: bool, device: torch.device, world_size: int) -> bool:
    """Whether the flag is set in any of the processes, all of which ask at the same point."""
    if world_size == 1:
        return flag
    flags = torch.tensor(int(flag), device=device)
    dist.all_reduce(flags, dist.ReduceOp.MAX)
    return bool(flags)
