"""Whose each page is: what test_rights_of_pages asks of every role."""

ANYONE = "anyone, signed in or not"
MEMBERS = "whoever has signed in"
NOBODY = "nobody at all"
TOKENS = "whoever sends a token; a browser with a session sends none"

# Whose rows each member has some of their own of, whatever the role.
OWN = {"api.ApiToken"}

# By name of the URL, and by method where it matters. The pages that Django's admin makes of each model are not here:
# their rights are those of the model.
RIGHTS = {
    "home": ANYONE,
    "admin:login": ANYONE,
    "admin:logout": ANYONE,
    "admin:catch_all_view": ANYONE,  # it knows no page, and says so
    "admin:index": MEMBERS,
    "admin:app_list": MEMBERS,
    "admin:jsi18n": MEMBERS,
    "admin:view_on_site": MEMBERS,
    "admin:password_change": MEMBERS,
    "admin:password_change_done": MEMBERS,
    "admin:sign_out_elsewhere": MEMBERS,
    "admin:autocomplete": NOBODY,  # no form of ours asks it
    "admin:auth_user_password_change": "auth.change_user",
    "admin:auth_user_sign_out": "auth.change_user",
    "admin:team_auditevent_export": "team.view_auditevent",
    "admin:topics_topic_command": "topics.change_topic",
    "admin:producers_provider_test": "producers.change_provider",
    "admin:home_parts": MEMBERS,  # says by itself what one may not see
    "admin:home_dismiss": MEMBERS,
    "admin:palette": "topics.view_topic",
    "admin:home_sample": "topics.add_topic",
    "admin:topics_topic_preview": "topics.view_topic",
    "admin:topics_topic_duplicate": "topics.add_topic",
    "admin:topics_attribute_review": "topics.change_attribute",
    "admin:topics_attribute_review_all": "topics.change_attribute",
    "admin:topics_attribute_undo": "topics.change_attribute",
    "admin:topics_attribute_correct": "topics.change_attribute",
    "portal:live": "topics.view_topic",
    "portal:news": "topics.view_topic",
    "portal:newest": "topics.view_topic",
    "portal:series": "topics.view_topic",
    "portal:decisions": "topics.view_topic",
    "portal:parts": "topics.view_topic",
    "portal:reviews": "topics.view_topic",
    "portal:entries": "topics.view_topic",
    "portal:export": "topics.view_topic",
    "portal:prompt": "topics.view_topic",
    "portal:command": "topics.change_topic",
    "portal:restart": "producers.change_producer",
    "portal:weights": "producers.change_providerweight",
    "portal:add_part": "topics.add_topicpartition",
    "portal:change_part": "topics.change_topicpartition",
    # One's own, of what one may see.
    "exports:mine": "topics.view_attribute",
    "exports:new": "topics.view_attribute",
    "exports:file": "topics.view_attribute",
    "exports:card": "topics.view_attribute",
    "exports:change": "topics.view_attribute",
    "notifications:list": "topics.view_topic",
    "notifications:read": "topics.view_topic",
    "notifications:mail": "topics.view_topic",
    "notifications:open": "topics.view_topic",
    "notifications:tell": "topics.view_topic",
    "metrics": "topics.view_topic",
    "api-reference": MEMBERS,
    "api:api-root": ANYONE,  # leads to the page that tells of the API
    "api:openapi": MEMBERS,
    "api:me": MEMBERS,
    "api:list_topics": "topics.view_topic",
    "api:create_topic": "topics.view_topic",  # to post there needs a token, here as with all of the API
    "api:read_topic": "topics.view_topic",
    "api:change_topic": "topics.view_topic",
    "api:topic_status": "topics.view_topic",
    "api:start_topic": TOKENS,
    "api:start_over_topic": TOKENS,
    "api:pause_topic": TOKENS,
    "api:resume_topic": TOKENS,
    "api:stop_topic": TOKENS,
    "api:list_attributes": "topics.view_attribute",
    "api:stream_attributes": "topics.view_attribute",
    "api:create_export": "topics.view_attribute",
    "api:list_exports": "topics.view_attribute",
    "api:read_export": "topics.view_attribute",
    "api:download_export": "topics.view_attribute",
    "api:cancel_export": TOKENS,
}
