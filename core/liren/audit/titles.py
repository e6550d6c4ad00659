# SPDX-License-Identifier: Apache-2.0
"""What the codes of audit rows are called. Core codes stand here; steps of a workflow are called after it; what else a
module writes is shown as the module's name and the code.
"""

from typing import Final

from liren.plugins.kernel import Kernel
from liren.web import N_

TITLES: Final = {
    "acting.accepted": N_("接受了委托"),
    "acting.consent-asked": N_("请本人同意代办"),
    "acting.consented": N_("同意代办"),
    "acting.did": N_("代办了一件事"),
    "acting.ended": N_("结束了委托"),
    "acting.named": N_("委托了一位帮手"),
    "acting.objected": N_("对代办提出异议"),
    "acting.paper-seen": N_("看了委托书照片"),
    "acting.slip-seen": N_("看了代办单"),
    "acting.staff-allowed": N_("允许工作人员代办"),
    "acting.staff-refused": N_("不让工作人员代办"),
    "acting.undone": N_("撤销了代办"),
    "admin.event-drop": N_("放弃了一条消息"),
    "admin.event-retry": N_("重发了一条消息"),
    "audit.taken-away": N_("下载了审计记录"),
    "identity.account-disabled": N_("停用账号"),
    "identity.account-enabled": N_("恢复账号"),
    "identity.account-opened": N_("开通账号"),
    "identity.amended": N_("改了居民信息"),
    "identity.departure-undone": N_("撤销迁出或去世登记"),
    "identity.device-ended": N_("退出一台设备"),
    "identity.devices-ended": N_("退出其他设备"),
    "identity.died": N_("登记去世"),
    "identity.exported": N_("导出居民名单"),
    "identity.granted": N_("授予角色"),
    "identity.guardian-appointed": N_("登记监护人"),
    "identity.guardian-ended": N_("结束监护"),
    "identity.guardians-seen": N_("查看监护关系"),
    "identity.holders-taken-away": N_("下载了角色名单"),
    "identity.import-given-up": N_("放弃一次导入"),
    "identity.imported": N_("导入居民名单"),
    "identity.joined": N_("成为组织成员"),
    "identity.label-kind-added": N_("添加一种标签"),
    "identity.label-kind-changed": N_("改了一种标签"),
    "identity.label-kind-closed": N_("停用一种标签"),
    "identity.label-withdrawn": N_("本人撤回标签"),
    "identity.labelled": N_("登记标签"),
    "identity.labels-seen": N_("查看标签"),
    "identity.left": N_("登记迁出"),
    "identity.left-organisation": N_("不再是组织成员"),
    "identity.link-made": N_("发了登录链接"),
    "identity.login-refused": N_("登录没有成功"),
    "identity.merged": N_("合并重复的居民"),
    "identity.moved": N_("登记搬家"),
    "identity.number-looked-up": N_("用身份证末四位查找"),
    "identity.organisation-added": N_("登记组织"),
    "identity.organisation-changed": N_("改了组织信息"),
    "identity.organisation-closed": N_("注销组织"),
    "identity.own-phone-changed": N_("本人换手机号"),
    "identity.owned": N_("登记房屋产权"),
    "identity.owns": N_("登记产权变动"),
    "identity.password-set": N_("设了新密码"),
    "identity.phone-seen": N_("看了手机号"),
    "identity.proved-again": N_("再次验证身份"),
    "identity.proved-by": N_("核实了本人"),
    "identity.recovery-code-used": N_("用了恢复码"),
    "identity.recovery-codes-made": N_("生成恢复码"),
    "identity.registered": N_("登记居民"),
    "identity.revoked": N_("收回角色"),
    "identity.signed-in": N_("登录"),
    "identity.signed-out": N_("退出登录"),
    "identity.totp-on": N_("启用动态码"),
    "identity.totp-reset": N_("重设动态码"),
    "identity.unit-looked-up": N_("查了某天谁住在这里"),
    "identity.unlabelled": N_("去掉标签"),
    "identity.unlocked": N_("解锁账号"),
    "ledger.confirmed": N_("签名入账"),
    "ledger.exported": N_("导出账本"),
    "ledger.printed": N_("看了积分，或打印了单据"),
    "ledger.proposed": N_("提出一笔账"),
    "ledger.root-removed": N_("移走根密钥"),
    "ledger.sheet-checked": N_("核对了恢复单"),
    "ledger.sheet-shown": N_("看了恢复单"),
    "plugins.configure": N_("改了模块设置"),
    "plugins.disable": N_("停用模块"),
    "plugins.enable": N_("启用模块"),
    "plugins.install": N_("安装模块"),
    "plugins.key-distrusted": N_("不再信任发布者"),
    "plugins.key-trusted": N_("信任发布者"),
    "plugins.remove": N_("卸载模块"),
    "plugins.restore": N_("恢复模块"),
    "portal.page-refused": N_("没有权限，被拒绝"),
    "privacy.consent-given": N_("同意"),
    "privacy.consent-withdrawn": N_("撤回同意"),
    "privacy.corrected": N_("更正了信息"),
    "privacy.correction-asked": N_("要求更正信息"),
    "privacy.erased": N_("删除个人信息"),
    "privacy.erasure-asked": N_("要求删除个人信息"),
    "privacy.erasure-refused": N_("没有同意删除"),
    "privacy.erasure-withdrawn": N_("不再要求删除"),
    "privacy.handed-out": N_("下载了个人信息"),
    "privacy.looked": N_("看了个人信息"),
    "privacy.taken-home": N_("本人下载了信息"),
    "privacy.term-over": N_("保留期满，已删除"),
    "units.added": N_("增设单位"),
    "units.appointed": N_("任命岗位"),
    "units.appointment-ended": N_("结束任职"),
    "units.built": N_("建立单位"),
    "units.closed": N_("撤销单位"),
    "units.contact-changed": N_("改了岗位联系方式"),
    "units.dwelling-added": N_("登记房屋"),
    "units.dwelling-changed": N_("改了房屋"),
    "units.dwelling-closed": N_("注销房屋"),
    "units.dwelling-reopened": N_("恢复房屋"),
    "units.dwellings-imported": N_("导入房屋名单"),
    "units.moved": N_("单位调整隶属"),
    "units.post-saved": N_("改了岗位"),
    "units.renamed": N_("单位改名"),
    "units.split": N_("拆分单位"),
    "units.team-dissolved": N_("解散队伍"),
    "units.team-founded": N_("成立队伍"),
    "units.team-joined": N_("加入队伍"),
    "units.team-left": N_("离开队伍"),
}
"""Code → title, a source string."""
SHARED: Final = {"list.checked": N_("上传了名单")}
"""Codes several packages write."""
REFUSED: Final = ("%refused", "%denied")
"""What codes of refusals end with: the other results are done."""


def title_of(kernel: Kernel, code: str) -> tuple[str, str]:
    """(plugin whose catalogue translates it, source string); the code itself where nobody named it."""
    if code in TITLES or code in SHARED:
        return "audit", TITLES.get(code) or SHARED[code]
    plugin, _, rest = code.partition(".")
    module = kernel.plugins.get(plugin)
    if module is not None:
        for flow in module.workflows:
            name, _, step = rest.partition("-")
            found = next((each for each in flow.transitions if each.name == step), None)
            if name == flow.name and found is not None:
                return plugin, found.title
        return plugin, module.manifest.title
    return "audit", code
