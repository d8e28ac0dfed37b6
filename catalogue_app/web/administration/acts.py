"""The acts of the audit log in words."""

from collections.abc import Mapping
from typing import Final

from catalogue_app.web.messages import mark, say

ACTS: Final[Mapping[str, str]] = {
    "account_changed": mark("修改账号"),
    "account_created": mark("新建账号"),
    "account_link_made": mark("发出设置密码的链接"),
    "account_moved": mark("账号随机关撤并转移"),
    "account_locked": mark("停用账号"),
    "account_shut_out": mark("强制退出并撤销全部令牌"),
    "account_unlocked": mark("启用账号"),
    "curation_ended": mark("结束更正"),
    "entries_put_back": mark("恢复原状"),
    "entry_curated": mark("更正条目"),
    "entry_moved": mark("条目随机关撤并转移"),
    "entry_restored": mark("恢复条目"),
    "entry_withdrawn": mark("撤销条目"),
    "findings_evaluated": mark("核查目录问题"),
    "harvest_accepted": mark("接受读取结果"),
    "harvest_asked": mark("要求读取"),
    "harvest_cancel_asked": mark("要求停止读取"),
    "harvest_details_dropped": mark("清除读取明细"),
    "harvest_released": mark("释放读取"),
    "harvest_started": mark("开始读取"),
    "harvest_undo_started": mark("开始撤回读取"),
    "organ_added": mark("新增机关"),
    "organ_changed": mark("修改机关"),
    "organ_succeeded": mark("机关撤并或更名"),
    "password_changed": mark("修改密码"),
    "password_kept_anew": mark("更新密码的保存方式"),
    "password_reset_asked": mark("要求重设密码"),
    "password_reset_forced": mark("管理员重设密码"),
    "proposal_approved": mark("审核通过"),
    "proposal_discarded": mark("放弃事项"),
    "proposal_merged": mark("合并修改"),
    "proposal_returned": mark("审核退回"),
    "proposal_saved": mark("保存事项"),
    "proposal_started": mark("新建事项"),
    "proposal_submitted": mark("报送事项"),
    "release_discarded": mark("放弃准备的目录版本"),
    "release_prepared": mark("准备目录版本"),
    "release_signed": mark("签发目录版本"),
    "second_factor_off": mark("关闭两步验证"),
    "second_factor_on": mark("开启两步验证"),
    "second_factor_reset": mark("管理员重置两步验证"),
    "second_factor_used": mark("使用两步验证"),
    "sign_in_shut_for_a_while": mark("多次失败，暂停登录"),
    "signed_in": mark("登录"),
    "source_added": mark("新增来源"),
    "source_changed": mark("修改来源"),
    "source_moved": mark("来源随机关撤并转移"),
    "source_secret_dropped": mark("删除来源密钥"),
    "source_secret_set": mark("设置来源密钥"),
    "source_secrets_resealed": mark("重新封存来源密钥"),
    "token_created": mark("新建令牌"),
    "token_revoked": mark("撤销令牌"),
    "upload_chosen": mark("选择收下上传的表格"),
    "upload_checked": mark("核对上传的表格"),
    "upload_discarded": mark("放弃上传的表格"),
    "upload_not_taken": mark("没有收下上传的表格"),
    "upload_received": mark("上传表格"),
    "upload_refused": mark("退回上传的表格"),
    "upload_resumed": mark("接着处理上传的表格"),
    "upload_taken": mark("收下上传的表格"),
}


def act_name(action: str) -> str:
    """Name an act; one that has no words is called as the log calls it."""
    return say(ACTS[action]) if action in ACTS else action
