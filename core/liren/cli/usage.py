# SPDX-License-Identifier: Apache-2.0
"""What click says of a command that was typed wrongly, in Chinese: click itself knows English only."""

import click


def in_chinese(error: click.ClickException) -> str:
    """One line, which goes above click's own."""
    match error:
        case click.MissingParameter():
            return f"缺少 {_name(error)}。"
        case click.NoSuchOption():
            return f"没有 {error.option_name} 这个选项。"
        case click.BadParameter():
            return f"{_name(error)} 的值不对。"
        case click.FileError():
            return f"打不开文件 {error.ui_filename}。"
        case click.UsageError() if "No such command" in error.message:
            return "没有这个命令。"
        case click.UsageError() if "unexpected extra argument" in error.message:
            return "多写了参数。"
        case _:
            return "命令写得不对。"


def _name(error: click.BadParameter) -> str:
    if error.param is None:
        return str(error.param_hint or "参数")
    return error.param.opts[-1] if isinstance(error.param, click.Option) else error.param.human_readable_name
