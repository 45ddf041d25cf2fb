"""Named policies of what users work with: Edge, Office, OneDrive.

Columns: :func:`piste.windows.gpo.policy.policy`.
"""

from __future__ import annotations

from typing import Final

from piste.windows.gpo.policy import BOTH, COMPUTER, USER, Flag, Listing, Number, Policy, Text, Words, policy

_SPM = r"Software\Policies\Microsoft"
_EDGE = rf"{_SPM}\Edge"
_OFFICE = r"software\policies\microsoft\office\16.0"
_ONEDRIVE = rf"{_SPM}\OneDrive"
_WINDOWS = rf"{_SPM}\Windows"

_FLAG: Final = Flag(1, 0)
_DOWNLOADS: Final = Words(
    {"free": 0, "block_malicious_and_dangerous": 1, "block_unwanted": 2, "block_all": 3, "block_malicious": 4}
)
_IMPORTS: Final = Words(
    {"default_browser": 0, "internet_explorer": 1, "chrome": 2, "safari": 3, "disabled": 4, "firefox": 5}
)
_MACROS: Final = Words({"enabled": 1, "ask": 2, "signed_only": 3, "disabled": 4})
_CHANNEL: Final = Words(
    {
        "beta": "InsiderFast",
        "current": "Current",
        "current_preview": "FirstReleaseCurrent",
        "monthly_enterprise": "MonthlyEnterprise",
        "semi_annual": "Deferred",
        "semi_annual_preview": "FirstReleaseDeferred",
    }
)

# fmt: off
POLICIES: Final[tuple[Policy, ...]] = (
    policy("edge.autofill_addresses", BOTH, rf"{_EDGE}!AutofillAddressEnabled", _FLAG, "msedge"),
    policy("edge.autofill_cards", BOTH, rf"{_EDGE}!AutofillCreditCardEnabled", _FLAG, "msedge"),
    policy("edge.background", BOTH, rf"{_EDGE}!BackgroundModeEnabled", _FLAG, "msedge"),
    policy("edge.clear_on_exit", BOTH, rf"{_EDGE}!ClearBrowsingDataOnExit", _FLAG, "msedge"),
    policy("edge.default_browser_prompt", BOTH, rf"{_EDGE}!DefaultBrowserSettingEnabled", _FLAG, "msedge"),
    policy("edge.developer_tools", BOTH,
           rf"{_EDGE}!DeveloperToolsAvailability",
           Words({"not_on_forced_extensions": 0, "allowed": 1, "forbidden": 2}), "msedge"),
    policy("edge.diagnostic_data", BOTH,
           rf"{_EDGE}!DiagnosticData", Words({"none": 0, "required": 1, "optional": 2}), "msedge"),
    policy("edge.downloads", BOTH,
           rf"{_EDGE}!DownloadRestrictions",
           _DOWNLOADS, "msedge"),
    policy("edge.efficiency_mode", BOTH,
           rf"{_EDGE}!EfficiencyMode",
           Words({"always": 0, "never": 1, "unplugged": 2, "unplugged_and_low": 3}), "msedge"),
    policy("edge.ephemeral_profiles", BOTH, rf"{_EDGE}!ForceEphemeralProfiles", _FLAG, "msedge"),
    policy("edge.extension_allowlist", BOTH, rf"{_EDGE}\ExtensionInstallAllowlist", Listing(), "msedge"),
    policy("edge.extension_blocklist", BOTH, rf"{_EDGE}\ExtensionInstallBlocklist", Listing(), "msedge"),
    policy("edge.extension_forcelist", BOTH, rf"{_EDGE}\ExtensionInstallForcelist", Listing(), "msedge"),
    policy("edge.favorites_bar", BOTH, rf"{_EDGE}!FavoritesBarEnabled", _FLAG, "msedge"),
    policy("edge.hide_first_run", BOTH, rf"{_EDGE}!HideFirstRunExperience", _FLAG, "msedge"),
    policy("edge.home_button", BOTH, rf"{_EDGE}!ShowHomeButton", _FLAG, "msedge"),
    policy("edge.homepage", BOTH, rf"{_EDGE}!HomepageLocation", Text(), "msedge"),
    policy("edge.homepage_is_new_tab", BOTH, rf"{_EDGE}!HomepageIsNewTabPage", _FLAG, "msedge"),
    policy("edge.import_at_first_run", BOTH,
           rf"{_EDGE}!AutoImportAtFirstRun",
           _IMPORTS, "msedge"),
    policy("edge.in_private", BOTH,
           rf"{_EDGE}!InPrivateModeAvailability", Words({"allowed": 0, "forbidden": 1, "forced": 2}), "msedge"),
    policy("edge.managed_favorites", BOTH, rf"{_EDGE}!ManagedFavorites", Text(), "msedge"),
    policy("edge.new_tab_content", BOTH, rf"{_EDGE}!NewTabPageContentEnabled", _FLAG, "msedge"),
    policy("edge.new_tab_page", BOTH, rf"{_EDGE}!NewTabPageLocation", Text(), "msedge"),
    policy("edge.notifications", BOTH,
           rf"{_EDGE}!DefaultNotificationsSetting", Words({"allowed": 1, "forbidden": 2, "ask": 3}), "msedge"),
    policy("edge.password_manager", BOTH, rf"{_EDGE}!PasswordManagerEnabled", _FLAG, "msedge"),
    policy("edge.popups", BOTH, rf"{_EDGE}!DefaultPopupsSetting", Words({"allowed": 1, "forbidden": 2}), "msedge"),
    policy("edge.popups_allowed_for", BOTH, rf"{_EDGE}\PopupsAllowedForUrls", Listing(), "msedge"),
    policy("edge.promotions", BOTH, rf"{_EDGE}!SpotlightExperiencesAndRecommendationsEnabled", _FLAG, "msedge"),
    policy("edge.restore_on_startup", BOTH,
           rf"{_EDGE}!RestoreOnStartup", Words({"last_session": 1, "urls": 4, "new_tab": 5}), "msedge"),
    policy("edge.search_suggestions", BOTH, rf"{_EDGE}!SearchSuggestEnabled", _FLAG, "msedge"),
    policy("edge.shopping_assistant", BOTH, rf"{_EDGE}!EdgeShoppingAssistantEnabled", _FLAG, "msedge"),
    policy("edge.sidebar", BOTH, rf"{_EDGE}!HubsSidebarEnabled", _FLAG, "msedge"),
    policy("edge.sign_in", BOTH,
           rf"{_EDGE}!BrowserSignin", Words({"disabled": 0, "allowed": 1, "forced": 2}), "msedge"),
    policy("edge.sleeping_tabs", BOTH, rf"{_EDGE}!SleepingTabsEnabled", _FLAG, "msedge"),
    policy("edge.smartscreen", BOTH, rf"{_EDGE}!SmartScreenEnabled", _FLAG, "msedge"),
    policy("edge.smartscreen_unwanted", BOTH, rf"{_EDGE}!SmartScreenPuaEnabled", _FLAG, "msedge"),
    policy("edge.startup_boost", BOTH, rf"{_EDGE}!StartupBoostEnabled", _FLAG, "msedge"),
    policy("edge.startup_urls", BOTH, rf"{_EDGE}\RestoreOnStartupURLs", Listing(), "msedge"),
    policy("edge.sync_disabled", BOTH, rf"{_EDGE}!SyncDisabled", _FLAG, "msedge"),
    policy("edge.tracking_prevention", BOTH,
           rf"{_EDGE}!TrackingPrevention", Words({"none": 0, "basic": 1, "balanced": 2, "strict": 3}), "msedge"),
    policy("edge.url_allowlist", BOTH, rf"{_EDGE}\URLAllowlist", Listing(), "msedge"),
    policy("edge.url_blocklist", BOTH, rf"{_EDGE}\URLBlocklist", Listing(), "msedge"),
    policy("office.connected_experiences", USER,
           rf"{_OFFICE}\common\privacy!disconnectedstate", Flag(1, 2), "office16"),
    policy("office.content_analysis", USER, rf"{_OFFICE}\common\privacy!usercontentdisabled", Flag(1, 2), "office16"),
    policy("office.diagnostic_data", USER,
           r"software\policies\microsoft\office\common\clienttelemetry!sendtelemetry",
           Words({"required": 1, "optional": 2, "none": 3}), "office16"),
    policy("office.excel_block_internet_macros", USER,
           rf"{_OFFICE}\excel\security!blockcontentexecutionfrominternet", _FLAG, "excel16"),
    policy("office.excel_macros", USER, rf"{_OFFICE}\excel\security!vbawarnings", _MACROS, "excel16"),
    policy("office.macro_scan", USER,
           rf"{_OFFICE}\common\security!macroruntimescanscope",
           Words({"disabled": 0, "low_trust": 1, "all": 2}), "office16"),
    policy("office.optional_experiences", USER,
           rf"{_OFFICE}\common\privacy!controllerconnectedservicesenabled", Flag(1, 2), "office16"),
    policy("office.outlook_cached_mode", USER,
           rf"{_OFFICE}\outlook\cached mode!cachedexchangemode",
           Words({"headers": 1, "full": 2, "headers_then_full": 3}), "outlk16"),
    policy("office.powerpoint_block_internet_macros", USER,
           rf"{_OFFICE}\powerpoint\security!blockcontentexecutionfrominternet", _FLAG, "ppt16"),
    policy("office.powerpoint_macros", USER, rf"{_OFFICE}\powerpoint\security!vbawarnings", _MACROS, "ppt16"),
    policy("office.update_channel", COMPUTER, rf"{_OFFICE}\common\officeupdate!updatebranch", _CHANNEL, "office16"),
    policy("office.updates", COMPUTER, rf"{_OFFICE}\common\officeupdate!enableautomaticupdates", _FLAG, "office16"),
    policy("office.updates_option_hidden", COMPUTER,
           rf"{_OFFICE}\common\officeupdate!hideenabledisableupdates", _FLAG, "office16"),
    policy("office.vba_disabled", COMPUTER, rf"{_OFFICE}\common!vbaoff", _FLAG, "office16"),
    policy("office.word_block_internet_macros", USER,
           rf"{_OFFICE}\word\security!blockcontentexecutionfrominternet", _FLAG, "word16"),
    policy("office.word_macros", USER, rf"{_OFFICE}\word\security!vbawarnings", _MACROS, "word16"),
    policy("onedrive.allowed_tenants", COMPUTER,
           rf"{_ONEDRIVE}\AllowTenantList", Listing("same", additive=True), "OneDrive"),
    policy("onedrive.block_folder_move_undo", COMPUTER, rf"{_ONEDRIVE}!KFMBlockOptOut", _FLAG, "OneDrive"),
    policy("onedrive.disabled", COMPUTER, rf"{_WINDOWS}\OneDrive!DisableFileSyncNGSC", _FLAG, "SkyDrive"),
    policy("onedrive.download_kbps", USER, rf"{_ONEDRIVE}!DownloadBandwidthLimit", Number(1, 100000), "OneDrive"),
    policy("onedrive.files_on_demand", COMPUTER, rf"{_ONEDRIVE}!FilesOnDemandEnabled", _FLAG, "OneDrive"),
    policy("onedrive.folder_move_notification", COMPUTER,
           rf"{_ONEDRIVE}!KFMSilentOptInWithNotification", _FLAG, "OneDrive"),
    policy("onedrive.folder_move_tenant", COMPUTER, rf"{_ONEDRIVE}!KFMSilentOptIn", Text(longest=2000), "OneDrive"),
    policy("onedrive.no_personal_accounts", USER, rf"{_ONEDRIVE}!DisablePersonalSync", _FLAG, "OneDrive"),
    policy("onedrive.no_traffic_before_sign_in", COMPUTER,
           rf"{_ONEDRIVE}!PreventNetworkTrafficPreUserSignIn", _FLAG, "OneDrive"),
    policy("onedrive.silent_sign_in", COMPUTER, rf"{_ONEDRIVE}!SilentAccountConfig", _FLAG, "OneDrive"),
    policy("onedrive.update_ring", COMPUTER,
           rf"{_ONEDRIVE}!GPOSetUpdateRing", Words({"deferred": 0, "insider": 4, "production": 5}), "OneDrive"),
    policy("onedrive.upload_kbps", USER, rf"{_ONEDRIVE}!UploadBandwidthLimit", Number(1, 100000), "OneDrive"),
    policy("onedrive.upload_percent", COMPUTER,
           rf"{_ONEDRIVE}!AutomaticUploadBandwidthPercentage", Number(10, 99), "OneDrive"),
)
# fmt: on
