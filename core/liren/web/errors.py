# SPDX-License-Identifier: Apache-2.0
"""Whatever goes wrong becomes one friendly page: what happened, why, what to do, and a number for the log.

A person's mistake is 4xx and said in words; a fault of ours is 500 with the number only, and the trace
goes to the log. Addresses under ``/api`` answer the same in JSON.
"""

import re
import traceback
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import msgspec
import structlog
from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException
from litestar.response.base import ASGIResponse

from liren.errors import LirenError
from liren.web.html import element
from liren.web.i18n import HTML_LANG, N_, both, language
from liren.web.i18n import gettext as _
from liren.web.scene import Scene, current

log = structlog.get_logger("liren.web")


@dataclass(frozen=True, slots=True)
class Trouble:
    """What an error page says."""

    status: int
    title: str
    text: str
    code: str


TITLES = {
    400: N_("这一步没有办成"),
    401: N_("请先登录"),
    403: N_("这里您还不能进"),
    404: N_("没有找到这一页"),
    405: N_("请从页面上的按钮提交"),
    409: N_("情况有变化"),
    413: N_("文件太大了"),
    415: N_("这种内容我们读不了"),
    422: N_("有的内容要改一改"),
    429: N_("请歇一会儿再试"),
    500: N_("我们这边出了错"),
    503: N_("现在有点忙"),
}
TEXTS = {
    400: N_("收到的内容不完整，或者格式不对。请返回上一页，检查后再试一次。"),
    401: N_("这一页要登录以后才能看。登录后会回到这里。"),
    403: N_("您的账号没有这项权限。需要的话，请找社区或街道的管理员。"),
    404: N_("网址可能写错了，或者这一页已经收起来。请从首页重新找。"),
    405: N_("这个地址不能这样打开。请回到首页，从页面上的按钮再来一次。"),
    409: N_("您看到页面以后，情况已经变了。请返回上一页刷新后再试。"),
    413: N_("一次最多上传 10 MB。请把文件压小，或者分几次上传。"),
    415: N_("请换成页面上写明的文件类型再上传。"),
    422: N_("有的内容没有填对。请返回上一页，照提示改好再交。"),
    429: N_("短时间里试得太多了。请过几分钟再来。"),
    500: N_("不是您的操作问题，刚才这一步没有做成。请过一会儿再试；还不行，就把下面的编号告诉社区工作人员。"),
    503: N_("您交的内容没有丢，也没有重复。请过几秒钟再试一次。"),
}


TOKEN = re.compile(r"[\w-]{22,}")


def describe(error: Exception) -> Trouble:
    """What to tell a person about an error, in their language."""
    if isinstance(error, LirenError):
        status = error.status if 400 <= error.status < 600 else 500
        title = both(*error.heading) if error.heading else _(TITLES.get(status, TITLES[400]))
        return Trouble(status, title, both(*(error.told or (error.zh, error.en))), error.code)
    if isinstance(error, HTTPException):
        status = error.status_code
    elif isinstance(error, msgspec.ValidationError | msgspec.DecodeError):
        status = 400
    else:
        status = 500
    known = status if status in TITLES else 400 if status < 500 else 500
    return Trouble(status, _(TITLES[known]), _(TEXTS[known]), f"http-{status}")


def answer_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Litestar's handler for every exception that reaches it."""
    trouble = describe(error)
    scene = current()
    if trouble.status >= 500 and not isinstance(error, LirenError):
        # The trace as text: a pretty renderer would print local variables, and with them personal data.
        trace = "".join(traceback.format_exception(error))
        log.error("request failed", path=_without_tokens(scene.path), method=scene.method, trace=trace)
    else:
        log.info("request refused", path=_without_tokens(scene.path), status=trouble.status, code=trouble.code)
    if scene.path.startswith("/api/"):
        return Response(
            {"error": trouble.code, "message": trouble.text, "reference": scene.reference},
            status_code=trouble.status,
            media_type=MediaType.JSON,
        )
    if trouble.status == 401 and scene.method == "GET":
        return _to_login(scene)
    return ErrorPage(trouble, scene)


def _without_tokens(path: str) -> str:
    """An address may itself be a key (a sign-in link, a receipt): what is as long as a token is not logged."""
    return TOKEN.sub("…", path)


def _to_login(scene: Scene) -> Response[Any]:
    back = scene.path + (f"?{scene.query}" if scene.query else "")
    login = f"{scene.site.login_url}?{urlencode({'next': back})}"
    if scene.htmx:
        # A fragment was asked for: the whole page has to move.
        return Response(b"", status_code=204, headers={"hx-redirect": login})
    return Response(b"", status_code=303, headers={"location": login})


class ErrorPage(Response[bytes]):
    """Rendered when it is sent: Litestar's exception handlers cannot await, our templates do."""

    def __init__(self, trouble: Trouble, scene: Scene) -> None:
        super().__init__(b"", status_code=trouble.status, media_type=MediaType.HTML)
        self.trouble = trouble
        self.scene = scene

    def to_asgi_response(self, *args: Any, **kwargs: Any) -> ASGIResponse:
        return _LateResponse(self.trouble, self.scene)


class _LateResponse(ASGIResponse):
    def __init__(self, trouble: Trouble, scene: Scene) -> None:
        super().__init__(status_code=trouble.status, media_type=MediaType.HTML)
        self.trouble = trouble
        self.scene = scene

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = await error_text(self.trouble, self.scene)
        await ASGIResponse(body=body, status_code=self.trouble.status, media_type=MediaType.HTML)(scope, receive, send)


async def error_text(trouble: Trouble, scene: Scene) -> bytes:
    """The page's text; where even the bar or the theme cannot be drawn, a bare page says the same."""
    try:
        scene.chrome = await scene.site.chrome(scene)
    except Exception as error:
        log.error("the bar of an error page failed", trace="".join(traceback.format_exception(error)))
    try:
        return (await scene.site.fragment("error.html", scene=scene, trouble=trouble)).encode()
    except Exception as error:
        log.error("the error page failed", trace="".join(traceback.format_exception(error)))
        return _bare(trouble, scene)


def _bare(trouble: Trouble, scene: Scene) -> bytes:
    head = element("head", element("meta", charset="utf-8"), element("title", trouble.title))
    home = element("p", element("a", _("回到首页"), href="/"))
    number = element("p", scene.reference)
    words = element("h1", trouble.title), element("p", trouble.text)
    page = element("html", head, element("body", *words, number, home), lang=HTML_LANG[language()])
    return f"<!doctype html>{page}".encode()
