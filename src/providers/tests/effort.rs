//! What is sent when a level of reasoning is asked for (reasoning.md; translation.md, "Reasoning").

use super::*;
use crate::model::{Control, Demand, Maker};
use crate::wire::{Adapted, Thinking};

fn adapted(id: &str, model: &str, effort: Effort) -> Adapted {
    with(id, &card(id, model), &intent(effort))
}

pub(super) fn with(id: &str, card: &ModelCard, intent: &Intent) -> Adapted {
    let dialect = by_id(id).dialect(&upstream(id), card, intent);
    by_id(id).adapt(&upstream(id), dialect, card, intent)
}

#[test]
fn every_control_gets_the_nearest_level_the_model_takes() {
    use Effort::{High, Low, Max, Medium, Minimal, None as Off, XHigh};
    use Thinking::{Adaptive, BetweenTools, Budget, Disabled, Enable, Level, Switch, Unset};
    for (id, model, asked, thinking, sent) in [
        // "OpenAI": o3 low medium high; gpt-5 minimal to high; gpt-6-astra has no none; chat-latest medium only.
        ("openai", "o3", Max, Level(High), Some(High)),
        ("openai", "o3", Minimal, Level(Low), Some(Low)),
        ("openai", "gpt-5", Off, Level(Minimal), Some(Minimal)),
        ("openai", "gpt-5.1", Off, Level(Off), Some(Off)),
        ("openai", "gpt-5.4", XHigh, Level(XHigh), Some(XHigh)),
        ("openai", "gpt-5.4", Max, Level(XHigh), Some(XHigh)),
        ("openai", "gpt-6-luna", Max, Level(Max), Some(Max)),
        ("openai", "gpt-6-astra", Off, Level(Low), Some(Low)),
        ("openai", "gpt-5.5-pro", Low, Level(Medium), Some(Medium)),
        ("openai", "chat-latest", High, Level(Medium), Some(Medium)),
        ("openai", "gpt-4.1", High, Unset, None),
        // "Anthropic".
        ("anthropic", "claude-fable-5-1", Off, Adaptive(Some(Low)), Some(Low)),
        ("anthropic", "claude-opus-5-5", XHigh, Adaptive(Some(XHigh)), Some(XHigh)),
        ("anthropic", "claude-sonnet-5-5", Off, BetweenTools, Some(Off)),
        ("anthropic", "claude-haiku-5-5", Off, Disabled, Some(Off)),
        ("anthropic", "claude-opus-4-6", XHigh, Adaptive(Some(High)), Some(High)),
        ("anthropic", "claude-haiku-4-5", Medium, Budget(8_192), Some(Medium)),
        ("anthropic", "claude-haiku-4-5", Minimal, Budget(1_024), Some(Minimal)),
        ("anthropic", "claude-haiku-4-5", Max, Budget(32_000), Some(Max)),
        ("anthropic", "claude-haiku-4-5", Off, Disabled, Some(Off)),
        // "Gemini": budgets of 2.5 (Flash takes at most 24576), levels from 3 on, minimal only on some.
        ("gemini", "gemini-2.5-flash", Off, Budget(0), Some(Off)),
        ("gemini", "gemini-2.5-flash", High, Budget(16_384), Some(High)),
        ("gemini", "gemini-2.5-flash", Max, Budget(24_576), Some(Max)),
        ("gemini", "gemini-2.5-pro", Off, Budget(1_024), Some(Minimal)),
        ("gemini", "gemini-3.5-flash", Off, Level(Minimal), Some(Minimal)),
        ("gemini", "gemini-3.8-flash", Minimal, Level(Low), Some(Low)),
        ("gemini", "gemini-4-argon", Max, Level(High), Some(High)),
        ("gemini", "gemini-4-hydrogen", Max, Level(XHigh), Some(XHigh)),
        // "Others".
        ("xai", "grok-4.6", XHigh, Level(XHigh), Some(XHigh)),
        ("xai", "grok-4.5", XHigh, Level(High), Some(High)),
        ("xai", "grok-4.20-reasoning", High, Unset, None),
        ("zhipu", "glm-5.3", Medium, Switch(true, Some(Low)), Some(Low)),
        ("zhipu", "glm-5.1", High, Switch(true, None), Some(High)),
        ("zhipu", "glm-4.5", Off, Switch(false, None), Some(Off)),
        ("moonshot", "kimi-k2.6", Off, Switch(false, None), Some(Off)),
        ("moonshot", "kimi-k3", Medium, Level(Low), Some(Low)),
        ("deepseek", "deepseek-flash", Off, Switch(false, None), Some(Off)),
        ("deepseek", "deepseek-flash", Medium, Switch(true, Some(Low)), Some(Low)),
        ("deepseek", "deepseek-flash", XHigh, Switch(true, Some(High)), Some(High)),
        ("deepseek", "deepseek-flash", Max, Switch(true, Some(Max)), Some(Max)),
        // openai-compatible.md, "Qwen", "Mistral", "Moonshot / Kimi", "Zhipu / Z.ai".
        ("qwen", "qwen3.7-max", High, Enable(true, Some(16_384)), Some(High)),
        ("qwen", "qwen3.7-max", Off, Enable(false, None), Some(Off)),
        ("mistral", "mistral-large-4", High, Level(High), Some(High)),
        ("mistral", "mistral-large-4", Low, Level(High), Some(High)),
        ("mistral", "mistral-large-4", Off, Level(Off), Some(Off)),
        ("moonshot", "kimi-k3", Max, Level(Max), Some(Max)),
        ("zhipu", "glm-5", Off, Switch(false, None), Some(Off)),
        ("groq", "openai/gpt-oss-120b", Medium, Level(Medium), Some(Medium)),
        ("openrouter", "anthropic/claude-haiku-5.5", High, Level(High), Some(High)),
        ("openrouter", "anthropic/claude-haiku-5.5", Off, Level(Off), Some(Off)),
        ("openrouter", "anthropic/claude-haiku-5.5", Max, Level(Max), Some(Max)),
    ] {
        let adapted = adapted(id, model, asked);
        assert_eq!((&adapted.thinking, adapted.sent), (&thinking, sent), "{id}/{model} asked for {asked}");
        let silent = sent == Some(asked) || model == "grok-4.20-reasoning";
        assert_eq!(adapted.notes.is_empty(), silent, "what differs is said, once: {:?}", adapted.notes);
        assert!(adapted.notes.len() <= 1);
    }
}

#[test]
fn that_nobody_can_keep_a_model_from_reasoning_is_said_where_it_may_well_reason() {
    let notes = |id: &str, card: &ModelCard| with(id, card, &intent(Effort::None)).notes;
    // Its name says that it reasons.
    let own = "how much grok-4.20-reasoning reasons is its own";
    assert_eq!(notes("xai", &card("xai", "grok-4.20-reasoning")), [own]);
    // Nobody knows it, on this machine or elsewhere.
    let unknown = "m has no reasoning control that monster knows";
    let mut stranger = ModelCard::unknown("mistral", "m", Maker("x".into()), Vec::new());
    assert_eq!(notes("mistral", &stranger), [unknown]);
    (stranger.provider, stranger.local, stranger.context) = ("lmstudio".into(), true, Some(8_192));
    assert_eq!(notes("lmstudio", &stranger), [unknown]);
    // Of one that does not reason nothing is left to be wished: each row of the table with no control is one.
    for card in Catalog::embedded().all().filter(|c| provider(&c.provider).is_some()) {
        if card.reasoning.control == Control::None {
            assert!(notes(&card.provider, card).is_empty(), "{}/{}", card.provider, card.id);
        }
    }
}

#[test]
fn nothing_is_sent_when_nothing_is_asked() {
    for card in Catalog::embedded().all().filter(|c| provider(&c.provider).is_some()) {
        let adapted = with(&card.provider, card, &intent(Effort::Auto));
        assert_eq!((adapted.thinking, adapted.sent), (Thinking::Unset, None), "{}", card.id);
        assert!(adapted.notes.is_empty());
    }
}

#[test]
fn a_local_model_thinks_or_not_or_by_levels() {
    // ollama-lmstudio.md: think is a switch, or a level for models that have them.
    let mut own = card("ollama", "qwen3");
    own.local = true;
    let of = |card: &ModelCard, effort| with("ollama", card, &intent(effort)).thinking;
    assert_eq!(of(&own, Effort::High), Thinking::Unset);
    own.reasoning.control = Control::Think;
    assert_eq!(of(&own, Effort::High), Thinking::Think(true));
    assert_eq!(of(&own, Effort::None), Thinking::Think(false));
    own.reasoning.efforts = vec![Effort::Low, Effort::Medium, Effort::High];
    assert_eq!(of(&own, Effort::Max), Thinking::Level(Effort::High));
    assert!(with("ollama", &own, &intent(Effort::High)).sampling, "a local model takes sampling either way");
}

#[test]
fn room_for_reasoning_is_added_to_the_visible_answer() {
    // reasoning.md, "Enforcement rules", 4.
    let limit = |id: &str, model: &str, effort: Effort| {
        let wish = Intent { max_output: Some(1_000), ..intent(effort) };
        with(id, &card(id, model), &wish).max_output
    };
    assert_eq!(limit("openai", "gpt-5.4", Effort::None), Some(1_000));
    assert_eq!(limit("openai", "gpt-5.4", Effort::Low), Some(5_096));
    assert_eq!(limit("openai", "gpt-5.4", Effort::High), Some(33_768));
    assert_eq!(limit("openai", "gpt-5.4", Effort::Auto), Some(17_384), "what is unset may be active");
    assert_eq!(limit("openai", "gpt-4.1", Effort::Auto), Some(1_000));
    assert_eq!(limit("gemini", "gemini-2.5-flash", Effort::Auto), Some(17_384), "it chooses a budget by itself");
    assert_eq!(limit("anthropic", "claude-opus-4-6", Effort::Auto), Some(1_000), "off unless asked for");
    assert_eq!(limit("anthropic", "claude-haiku-4-5", Effort::Medium), Some(9_192));
    assert_eq!(limit("anthropic", "claude-haiku-4-5", Effort::Max), Some(33_000));
    // Another program's limit is what it pays for: nothing is added to it, unless the user wishes for more reasoning than it.
    let theirs = |id: &str, model: &str, effort: Effort, wish: Effort, most: u32| {
        let wish = Intent { max_output: Some(most), asked: Some(effort.into()), ..intent(wish) };
        let mut own = card(id, model);
        own.local |= id == "lmstudio";
        let adapted = with(id, &own, &wish);
        (adapted.max_output, adapted.thinking)
    };
    let asked = |id: &str, model: &str, effort: Effort| theirs(id, model, effort, effort, 4_000).0;
    assert_eq!(asked("openai", "gpt-5.4", Effort::High), Some(4_000));
    assert_eq!(asked("openai", "gpt-5.4", Effort::Auto), Some(4_000));
    assert_eq!(theirs("openai", "gpt-5.4", Effort::Low, Effort::High, 4_000).0, Some(36_768), "the user wishes more");
    assert_eq!(
        theirs("anthropic", "claude-haiku-4-5", Effort::High, Effort::High, 4_000),
        (Some(4_000), Thinking::Budget(2_000))
    );
    // No budget fits, so it is not asked to think, or as little as can be.
    for (id, model, most, thinking) in [
        ("anthropic", "claude-haiku-4-5", 900, Thinking::Disabled),
        ("anthropic", "claude-haiku-4-5", 1_500, Thinking::Budget(1_024)),
        ("gemini", "gemini-2.5-flash", 50, Thinking::Budget(0)),
        ("gemini", "gemini-2.5-pro", 50, Thinking::Budget(128)),
    ] {
        assert_eq!(theirs(id, model, Effort::High, Effort::High, most), (Some(most), thinking), "{model} {most}");
    }
    // Settings that have the model think as much, or less, leave it as well.
    let kept = |id: &str, model: &str, asked: Demand, wish: Demand| {
        let wish = Intent { max_output: Some(50), asked: Some(asked), effort: wish, ..intent(Effort::Auto) };
        let adapted = with(id, &card(id, model), &wish);
        let told = adapted.notes.iter().any(|note| note.contains("output tokens are allowed, not 50"));
        assert_eq!(told, adapted.max_output != Some(50), "a raise is told: {:?}", adapted.notes);
        adapted.max_output == Some(50)
    };
    let (some, idle) = (Demand::some(Effort::High), Demand::default());
    assert!(kept("openai", "gpt-5.6", some, some.with(Some(Effort::Low.into()))));
    assert!(kept("gemini", "gemini-3.5-flash", idle, Effort::None.into()));
    assert!(kept(
        "anthropic",
        "claude-opus-4-8",
        Effort::High.into(),
        Demand::from(Effort::High).within(Demand::parse("..medium").unwrap())
    ));
    assert!(!kept("anthropic", "claude-opus-4-8", idle, Effort::Low.into()), "it would not think by itself");
    assert!(!kept(
        "openai",
        "gpt-5.6",
        Effort::Low.into(),
        Demand::from(Effort::Low).within(Demand::parse("high..").unwrap())
    ));
    assert_eq!(theirs("lmstudio", "unheard-of", Effort::Auto, Effort::Auto, 10).0, Some(10), "a limit is a limit");
    for (effort, thinking, most) in
        [(Effort::High, 16_384, 32_768), (Effort::Medium, 8_192, 24_576), (Effort::XHigh, 32_000, 48_384)]
    {
        let wish = Intent { asked: Some(effort.into()), ..intent(effort) };
        let adapted = with("anthropic", &card("anthropic", "claude-sonnet-4-5"), &wish);
        assert_eq!((adapted.thinking, adapted.max_output), (Thinking::Budget(thinking), Some(most)), "{effort}");
    }
    assert_eq!(adapted("openai", "gpt-5.4", Effort::High).max_output, None);
    assert_eq!(adapted("anthropic", "claude-opus-5-5", Effort::High).max_output, Some(49_152), "the dialect needs one");
}

#[test]
fn a_floor_that_a_caller_s_limit_leaves_no_room_for_is_told() {
    for (model, most, asked, thinking, limit, told) in [
        ("gemini-2.5-flash", 3_000, Demand::default(), Thinking::Budget(1_500), 3_000, "no room for effort medium"),
        ("gemini-2.5-pro", 3_000, Demand::default(), Thinking::Budget(1_500), 3_000, "no room for effort medium"),
        (
            "gemini-2.5-flash",
            3_000,
            Effort::None.into(),
            Thinking::Budget(8_192),
            11_192,
            "11192 output tokens are allowed",
        ),
        ("gemini-2.5-flash", 9_000, Demand::default(), Thinking::Budget(8_192), 9_000, ""),
    ] {
        let effort = asked.within(Demand::parse("medium..").unwrap());
        let wish = Intent { max_output: Some(most), asked: Some(asked), effort, ..intent(Effort::Auto) };
        let adapted = with("gemini", &card("gemini", model), &wish);
        assert_eq!((&adapted.thinking, adapted.max_output), (&thinking, Some(limit)), "{model} {most}");
        let notes = adapted.notes.join("; ");
        assert!(notes.contains(told) && notes.is_empty() == told.is_empty(), "{model} {most}: {notes}");
    }
}

#[test]
fn a_number_is_held_within_the_numbers_of_the_bounds() {
    for (asked, bounds, sent, told) in [
        ("12000", "..medium", 8_192, "12000 thinking tokens were asked for, and 8192 are allowed"),
        ("8192", "..medium", 8_192, ""),
        ("20000", "..medium", 8_192, "effort high was asked for, and medium is allowed"),
        ("7000", "medium..", 8_192, "7000 thinking tokens were asked for, and 8192 are allowed"),
        ("12000", "..max", 12_000, ""),
    ] {
        let effort = Demand::parse(asked).unwrap().within(Demand::parse(bounds).unwrap());
        let adapted =
            with("anthropic", &card("anthropic", "claude-sonnet-4-5"), &Intent { effort, ..intent(Effort::Auto) });
        assert_eq!(adapted.thinking, Thinking::Budget(sent), "{asked} {bounds}");
        assert_eq!((adapted.notes.join("; "), adapted.content), (told.to_owned(), told.is_empty()), "{asked} {bounds}");
    }
}

#[test]
fn a_level_that_a_caller_s_limit_cuts_is_told_and_the_number_stands_for_it() {
    let number = Demand::parse("6000").unwrap();
    for (asked, most, told, sent) in [
        (Effort::High.into(), 8_000, "8000 output tokens leave claude-sonnet-4-5 no room for effort high", "4000"),
        (number, 4_000, "4000 output tokens leave claude-sonnet-4-5 no room to think 6000; it is given 2000", "2000"),
        (Effort::High.into(), 20_000, "", "high"),
        (number, 8_000, "", "6000"),
    ] {
        let wish = Intent { max_output: Some(most), asked: Some(asked), effort: asked, ..intent(Effort::Auto) };
        let adapted = with("anthropic", &card("anthropic", "claude-sonnet-4-5"), &wish);
        let notes = adapted.notes.join("; ");
        assert!(notes.contains(told) && notes.is_empty() == told.is_empty(), "{asked} {most}: {notes}");
        assert_eq!((adapted.said().as_deref(), adapted.max_output), (Some(sent), Some(most)));
    }
}

#[test]
fn sampling_is_left_out_where_it_would_be_refused() {
    // reasoning.md: "OpenAI", "Anthropic", "Gemini"; an unknown model of OpenAI's counts as one that reasons.
    for (id, model, effort, takes) in [
        ("openai", "gpt-4.1", Effort::Auto, true),
        ("openai", "gpt-5.4", Effort::High, false),
        ("openai", "gpt-6-astra", Effort::Auto, false),
        ("openai", "gpt-99", Effort::Auto, false),
        ("anthropic", "claude-sonnet-5-5", Effort::None, false),
        // Up to 4.6 they take it while they do not think.
        ("anthropic", "claude-haiku-4-5", Effort::Auto, true),
        ("anthropic", "claude-haiku-4-5-20251001", Effort::None, true),
        ("anthropic", "claude-haiku-4-5", Effort::Low, false),
        ("anthropic", "claude-opus-4-5", Effort::Auto, true),
        ("anthropic", "claude-sonnet-4-5", Effort::Auto, true),
        ("anthropic", "claude-opus-4-6", Effort::None, true),
        ("anthropic", "claude-opus-4-6", Effort::High, false),
        ("anthropic", "claude-sonnet-4-6", Effort::Auto, true),
        ("anthropic", "claude-opus-4-7", Effort::None, false),
        ("azure-foundry", "claude-opus-4-5", Effort::Auto, true),
        ("azure-foundry", "claude-opus-4-6", Effort::Low, false),
        ("azure-foundry", "claude-sonnet-4-5", Effort::Auto, true),
        ("azure-foundry", "claude-sonnet-4-6", Effort::None, true),
        ("openrouter", "anthropic/claude-haiku-4.5", Effort::Auto, true),
        ("openrouter", "anthropic/claude-haiku-4.5", Effort::High, false),
        // The version that is spoken there takes none (anthropic-messages.md).
        ("vertex", "claude-opus-4-6", Effort::None, false),
        ("gemini", "gemini-3.8-flash", Effort::Low, false),
        ("lmstudio", "qwen3", Effort::Auto, true),
        ("generic", "anything", Effort::Auto, true),
    ] {
        assert_eq!(adapted(id, model, effort).sampling, takes, "{id}/{model} {effort}");
    }
}

#[test]
fn a_newer_version_of_anthropic_s_takes_no_sampling_and_its_newer_models_one_of_two() {
    for (version, takes) in [("2023-06-01", true), ("2026-10-21", false)] {
        let own = Upstream { headers: vec![("Anthropic-Version".into(), version.into())], ..upstream("anthropic") };
        let card = card("anthropic", "claude-haiku-4-5");
        let adapted = by_id("anthropic").adapt(&own, Dialect::AnthropicMessages, &card, &intent(Effort::Auto));
        assert_eq!((adapted.sampling, adapted.single), (takes, true), "{version}");
    }
    assert!(!adapted("anthropic", "claude-3-5-haiku-20241022", Effort::Auto).single);
    assert!(adapted("anthropic", "claude-opus-4-1", Effort::Auto).single);
    assert!(!adapted("openrouter", "anthropic/claude-haiku-4.5", Effort::Auto).single, "a router knows what it asks");
}

#[test]
fn each_providers_spelling_stands_in_its_quirks_and_settings_win() {
    let quirks = |id: &str| adapted(id, "x", Effort::Auto).quirks;
    assert_eq!(quirks("openai").max_tokens_field, "max_completion_tokens");
    assert!(quirks("openai").developer_role && quirks("openai").store && quirks("openai").obfuscation);
    assert!(quirks("openrouter").reasoning_object && !quirks("openrouter").store);
    assert!(quirks("deepseek").return_reasoning && quirks("deepseek").max_tokens_field == "max_tokens");
    assert!(quirks("deepseek").unique_tools && !quirks("moonshot").unique_tools);
    assert!(quirks("mistral").short_ids && quirks("mistral").thought_parts && !quirks("mistral").stream_usage);
    assert!(quirks("moonshot").return_reasoning && quirks("zhipu").return_reasoning);
    assert!(
        quirks("minimax").split_reasoning && quirks("minimax").return_details && quirks("openrouter").return_details
    );
    assert_eq!(quirks("generic"), crate::wire::Quirks::default());
    let said = [("store", "true"), ("max_tokens_field", "max_completion_tokens")];
    let said = said.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let own = Upstream { quirks: said.to_vec(), ..upstream("generic") };
    let adapted = by_id("generic").adapt(&own, Dialect::OpenAiChat, &card("generic", "x"), &intent(Effort::Auto));
    assert_eq!(adapted.quirks, quirks("generic").with(&said));
    assert!(adapted.quirks.store && adapted.quirks.max_tokens_field == "max_completion_tokens");
}

#[test]
fn a_ceiling_alone_makes_nothing_think() {
    let ceiling = Intent { effort: Demand::parse("..high").unwrap(), ..intent(Effort::Auto) };
    for (id, model) in [
        ("openai", "gpt-4.1"),
        ("anthropic", "claude-haiku-4-5"),
        ("anthropic", "claude-opus-4-8"),
        // Off by default, and high at most, as every default that is known.
        ("gemini", "gemini-2.5-flash-lite"),
        ("gemini", "gemini-2.5-flash"),
        ("gemini", "gemini-2.5-pro"),
        ("openai", "gpt-5.5"),
        ("openai", "gpt-5.6"),
    ] {
        for max_output in [None, Some(800)] {
            let theirs = Intent { max_output, asked: max_output.map(|_| Demand::default()), ..ceiling };
            let adapted = with(id, &card(id, model), &theirs);
            assert_eq!((&adapted.thinking, adapted.coax, adapted.notes.len()), (&Thinking::Unset, false, 0), "{model}");
        }
    }
    let low = Intent { effort: Demand::parse("..low").unwrap(), ..intent(Effort::Auto) };
    let adapted = with("openai", &card("openai", "gpt-6-luna"), &low);
    assert_eq!(adapted.thinking, Thinking::Level(Effort::Low), "what thinks more by itself is held");
    let adapted = with("openai", &card("openai", "gpt-5.6"), &low);
    assert_eq!(adapted.thinking, Thinking::Level(Effort::Low), "and so is what may");
    let adapted = with("qwen", &card("qwen", "qwen3-next-80b-a3b-thinking"), &ceiling);
    assert_eq!(adapted.thinking, Thinking::Enable(true, Some(16_384)), "nobody knows how far it goes by itself");
}

#[test]
fn an_effort_alone_makes_nothing_think_that_thinks_only_when_it_is_asked() {
    use Effort::{High, Low, Max, Medium};
    use Thinking::{Adaptive, Level, Unset};
    let still = Demand { still: true, ..Max.into() };
    let wish = |bounds: &str| Demand::parse(bounds).map_or(still, |bounds| still.within(bounds));
    for (model, bounds, thinking) in [
        ("claude-opus-4-8", "", Level(Max)),
        ("claude-opus-4-8", "..high", Level(High)),
        ("claude-opus-4-8", "..none", Level(Low)),
        ("claude-opus-4-5", "..high", Level(High)),
        // It takes no effort at all.
        ("claude-sonnet-4-5", "..high", Unset),
        // It thinks by itself.
        ("claude-opus-5", "..high", Adaptive(Some(High))),
    ] {
        let effort = wish(bounds);
        let asked = Some(still);
        let wish = Intent { effort, asked, forced: true, tools: true, max_output: Some(500), ..intent(Max) };
        let adapted = with("anthropic", &card("anthropic", model), &wish);
        assert_eq!((&adapted.thinking, adapted.max_output), (&thinking, Some(500)), "{model} {bounds}");
        let thinks = model == "claude-opus-5";
        assert_eq!((adapted.unforced, adapted.reasons), (thinks, thinks), "{model} {bounds}");
    }
    // A floor does, and so does a level of somebody else's.
    let low = Demand { still: true, ..Low.into() };
    for wish in [low.within(Demand::parse("medium..").unwrap()), still.with(Some(Medium.into()))] {
        let adapted = with("anthropic", &card("anthropic", "claude-opus-4-8"), &Intent { effort: wish, ..intent(Max) });
        assert_eq!(adapted.thinking, Adaptive(Some(Medium)));
    }
}

#[test]
fn whoever_wants_thought_and_no_level_gets_as_much_as_is_the_models_own() {
    use Effort::High;
    use Thinking::{Adaptive, Budget, Enable, Level, Switch, Unset};
    let wish = |effort: Demand| Intent { effort, ..intent(Effort::Auto) };
    let some = Demand::some(High);
    for (id, model, thinking) in [
        ("anthropic", "claude-opus-4-8", Adaptive(None)),
        ("anthropic", "claude-opus-5", Adaptive(None)),
        ("anthropic", "claude-haiku-4-5", Budget(16_384)),
        ("deepseek", "deepseek-v4-pro", Switch(true, None)),
        ("qwen", "qwen-plus", Enable(true, None)),
        // It thinks by itself, or does not.
        ("openai", "gpt-5", Unset),
        ("openai", "gpt-5.1", Level(High)),
        ("gemini", "gemini-2.5-pro", Unset),
        ("gemini", "gemini-2.5-flash", Unset),
        ("gemini", "gemini-2.5-flash-lite", Budget(16_384)),
    ] {
        let adapted = with(id, &card(id, model), &wish(some));
        assert_eq!((&adapted.thinking, &adapted.short, adapted.coax), (&thinking, &None, false), "{id}/{model}");
    }
    let medium = with(
        "anthropic",
        &card("anthropic", "claude-opus-4-8"),
        &wish(some.within(Demand::parse("..medium").unwrap())),
    );
    assert_eq!(medium.thinking, Adaptive(Some(Effort::Medium)));
    let unable = with("openai", &card("openai", "gpt-4.1"), &wish(some));
    assert_eq!(
        (unable.thinking, unable.coax, unable.short.is_some()),
        (Unset, false, true),
        "it is told, and not coaxed"
    );
}

#[test]
fn bounds_that_a_model_cannot_leave_send_nothing() {
    use Effort::{High, Low, Max, Medium, None as Off};
    let mut own = ModelCard::unknown("generic", "m", Maker("x".into()), vec![Dialect::OpenAiChat]);
    let sent = |card: &ModelCard, wish: &str| {
        let wish = Intent { effort: Demand::parse(wish).unwrap(), ..intent(Effort::Auto) };
        with("generic", card, &wish).sent
    };
    own.reasoning.control = Control::Effort;
    own.reasoning.efforts = vec![Low, Medium, High];
    for (wish, level) in [
        ("..high", None),
        ("..max", None),
        ("low..", None),
        ("low..high", None),
        ("..medium", Some(Medium)),
        ("medium..", Some(Medium)),
        ("..none", Some(Low)),
        ("high..max", Some(High)),
    ] {
        assert_eq!(sent(&own, wish), level, "{wish}: what it does by itself is not known");
    }
    own.reasoning.efforts.extend([Off, Max]);
    assert_eq!(
        (sent(&own, "..high"), sent(&own, "low..max")),
        (None, Some(Low)),
        "it may not think; more than high it does not"
    );
    assert_eq!(sent(&own, "..medium"), Some(Medium), "it may think more");
    own.reasoning.default_effort = Some(Medium);
    assert_eq!((sent(&own, "low..high"), sent(&own, "high..")), (None, Some(High)), "its own level is within, or not");
    own.reasoning.default_effort = None;
    own.reasoning.efforts.clear();
    own.reasoning.control = Control::SwitchAndEffort;
    assert_eq!((sent(&own, "..low"), sent(&own, "..none")), (None, Some(Off)), "a switch is turned on by no ceiling");
    assert_eq!(sent(&own, "high.."), Some(High), "and by a floor it is");
    // These think only when they are asked.
    let idle = |wish: &str| {
        let wish = Intent { effort: Demand::parse(wish).unwrap(), ..intent(Effort::Auto) };
        with("anthropic", &card("anthropic", "claude-opus-4-6"), &wish).sent
    };
    assert_eq!((idle("..high"), idle("low..high")), (None, Some(Low)));
}

#[test]
fn a_control_that_the_dialect_cannot_spell_is_none() {
    let mut own = ModelCard::unknown("generic", "m", Maker("x".into()), vec![Dialect::OpenAiChat]);
    for control in [Control::Budget, Control::Adaptive] {
        own.reasoning.control = control;
        let adapted = with("generic", &own, &intent(Effort::High));
        assert_eq!((adapted.thinking, adapted.sent, adapted.coax), (Thinking::Unset, None, true), "{control:?}");
        assert!(adapted.short.is_some());
    }
}

#[test]
fn prompt_and_answer_share_the_window() {
    let mut own = ModelCard::unknown("lmstudio", "m", Maker("x".into()), vec![Dialect::OpenAiChat]);
    (own.local, own.context) = (true, Some(4_096));
    let wish = Intent { max_output: Some(600), prompt_bytes: 6_000, ..intent(Effort::None) };
    assert_eq!(with("lmstudio", &own, &wish).max_output, Some(1_840), "what stands around a prompt has room too");
    own.context = None;
    assert_eq!(with("lmstudio", &own, &wish).max_output, Some(2_648), "some room, as it may well think");
}

#[test]
fn a_call_is_demanded_only_where_it_can_be_and_what_cannot_be_is_said() {
    let wish = Intent { tools: true, forced: true, ..intent(Effort::Auto) };
    for (id, model, can) in [
        ("openai", "gpt-4.1", true),
        ("mistral", "mistral-large-4", true),
        ("moonshot", "kimi-k3", false),
        ("zhipu", "glm-5", false),
        ("qwen", "qwen3.7-max", false),
        ("ollama", "qwen3", false),
    ] {
        let adapted = with(id, &card(id, model), &wish);
        assert_eq!((adapted.unforced, adapted.notes.len()), (!can, usize::from(!can)), "{id}: {:?}", adapted.notes);
        let free = with(id, &card(id, model), &Intent { forced: false, ..wish });
        assert!(free.notes.is_empty(), "{id}");
    }
}

#[test]
fn a_model_that_thinks_takes_no_demand_to_call_and_a_bound_alone_is_no_thinking() {
    let bound = |most| Demand { most: Some(most), ..Effort::Auto.into() };
    for (model, effort, can) in [
        ("claude-opus-4-8", Effort::High.into(), false),
        ("claude-opus-4-8", Effort::None.into(), true),
        ("claude-opus-4-8", bound(Effort::High), true),
        ("claude-haiku-4-5", bound(Effort::Low), true),
        ("claude-haiku-4-5", Demand { least: Some(Effort::Low), ..Effort::Auto.into() }, false),
        // What its page says of it stands on its card.
        ("claude-haiku-5-5", Effort::High.into(), true),
    ] {
        let wish = Intent { tools: true, forced: true, effort, ..intent(Effort::Auto) };
        let adapted = with("anthropic", &card("anthropic", model), &wish);
        assert_eq!(adapted.unforced, !can, "{model}: {effort:?}");
    }
}

#[test]
fn a_schema_goes_in_words_where_no_card_says_that_it_is_understood() {
    for (id, native) in [("openai", true), ("generic", true), ("zhipu", false), ("minimax", false)] {
        assert_eq!(adapted(id, "unheard-of", Effort::Auto).structured, native, "{id}");
    }
}

#[test]
fn a_window_is_asked_for_that_holds_prompt_and_answer_in_steps() {
    let mut own = card("ollama", "qwen3");
    own.context = Some(16_384);
    let window = |prompt_bytes| with("ollama", &own, &Intent { prompt_bytes, ..intent(Effort::Auto) }).context;
    assert_eq!(window(10), Some(4_096));
    assert_eq!(window(3 * 4_096), Some(8_192));
    assert_eq!(window(3 * 8_000), Some(16_384), "a conversation that grows has it loaded anew few times");
    assert_eq!(window(1 << 20), Some(16_384), "never more than the model has");
    assert_eq!(adapted("lmstudio", "qwen3", Effort::Auto).context, None);
}
