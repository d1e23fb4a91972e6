//! What stands where in a request: text, known structure, what must not be touched.
//!
//! One table serves the five dialects (docs/protocols): no place in them means two things. What it does not name is
//! text, with the names beside it, so that nothing leaks by being new.

/// A place in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Anything: strings and names are text, and a name says something about its value.
    Free,
    /// A string that is text by itself; its name says nothing.
    Text,
    /// Text that the user or the client wrote, where the role says so.
    Own,
    /// JSON inside a string.
    Source,
    /// Names, ids and choices of the protocol.
    Plain,
    /// The role of a message.
    Role,
    /// What kind of part it is: says which of its strings are sealed.
    Type,
    /// Sealed in a part of the right type, text in any other.
    Signature,
    Opaque,
    /// What the provider signed or encrypted: changed by a byte, it is refused.
    Seal,
    /// Readable thinking that a seal covers.
    Thought,
    /// Base64 or an address of a picture, a file.
    Data,
    Root,
    Labels,
    Messages,
    Input,
    Message,
    /// A string or parts, of the message's author.
    Content,
    /// A string or parts that a tool gave.
    Result,
    Part,
    ResultPart,
    Calls,
    Call,
    Details,
    Detail,
    Images,
    Blob,
    Cites,
    Cite,
    Extra,
}

impl Place {
    /// Where the member of this name lies.
    pub(super) fn member(self, name: &str) -> Self {
        match self {
            Self::Root => root(name),
            Self::Labels if name == "user_id" => Self::Text,
            Self::Message => message(name),
            Self::Part | Self::Content => part(name, false),
            Self::ResultPart | Self::Result => part(name, true),
            Self::Call => match name {
                "id" | "type" | "index" => Self::Plain,
                "function" | "custom" => Self::Call,
                "name" => Self::Text,
                "arguments" => Self::Source,
                "parts" => Self::Result,
                "extra_content" => Self::Extra,
                "thought_signature" | "thoughtSignature" => Self::Seal,
                _ => Self::Free,
            },
            Self::Detail => match name {
                "data" => Self::Opaque,
                "signature" => Self::Signature,
                "text" => Self::Thought,
                "summary" => Self::Text,
                "type" => Self::Type,
                "id" | "format" => Self::Plain,
                _ => Self::Free,
            },
            Self::Data | Self::Blob => match name {
                "type" | "media_type" | "mimeType" | "mime_type" | "format" | "file_id" | "detail" => Self::Plain,
                "data" | "url" | "file_data" => Self::Data,
                "filename" | "displayName" | "display_name" | "fileUri" | "file_uri" => Self::Text,
                "content" => Self::Result,
                _ => Self::Free,
            },
            Self::Cite => match name {
                "encrypted_index" => Self::Seal,
                "type" => Self::Plain,
                "url" | "title" | "cited_text" | "document_title" | "source" => Self::Text,
                _ => Self::Free,
            },
            Self::Extra => match name {
                "google" => Self::Extra,
                "thought_signature" => Self::Seal,
                _ => Self::Free,
            },
            _ => Self::Free,
        }
    }

    /// Where the elements of an array at this place lie.
    pub(super) const fn element(self) -> Self {
        match self {
            Self::Messages | Self::Input => Self::Message,
            Self::Content => Self::Part,
            Self::Result => Self::ResultPart,
            Self::Calls => Self::Call,
            Self::Details => Self::Detail,
            Self::Cites => Self::Cite,
            Self::Images | Self::Data => Self::Data,
            // Texts in a row, as stop sequences: each by itself.
            Self::Text => Self::Text,
            _ => Self::Free,
        }
    }

    /// What a string at this place is.
    pub(super) const fn string(self) -> Self {
        match self {
            Self::Content | Self::Input => Self::Own,
            Self::Result => Self::Text,
            Self::Images | Self::Blob => Self::Data,
            Self::Data | Self::Text | Self::Own => self,
            _ if self.leaf() => self,
            _ => Self::Free,
        }
    }

    /// A string is all that the schema has here.
    const fn leaf(self) -> bool {
        matches!(
            self,
            Self::Source
                | Self::Plain
                | Self::Role
                | Self::Type
                | Self::Signature
                | Self::Opaque
                | Self::Seal
                | Self::Thought
        )
    }

    /// A bracket at this place belongs to the schema.
    pub(super) const fn known(self) -> bool {
        !matches!(self, Self::Free | Self::Own) && !self.leaf()
    }

    /// What a string at this place is in a part of these types (docs/protocols: Anthropic's thinking, OpenRouter's
    /// details). Of two types nobody knows which one counts.
    pub(super) fn typed(self, types: &[&str]) -> Self {
        match (self, types) {
            (Self::Signature, ["thinking" | "reasoning.text"])
            | (Self::Opaque, ["redacted_thinking" | "reasoning.encrypted"]) => Self::Seal,
            (Self::Signature | Self::Opaque, _) => Self::Text,
            _ => self,
        }
    }
}

fn root(name: &str) -> Place {
    match name {
        "model"
        | "previous_response_id"
        | "conversation"
        | "cachedContent"
        | "cached_content"
        | "include"
        | "service_tier"
        | "serviceTier"
        | "keep_alive" => Place::Plain,
        "user" | "prompt_cache_key" | "safety_identifier" | "stop" | "stop_sequences" => Place::Text,
        "metadata" | "labels" => Place::Labels,
        "messages" | "contents" => Place::Messages,
        "input" => Place::Input,
        "system" | "instructions" | "prompt" | "suffix" | "template" | "systemInstruction" | "system_instruction" => {
            Place::Content
        }
        "images" => Place::Images,
        "generateContentRequest" | "generate_content_request" => Place::Root,
        _ => Place::Free,
    }
}

fn message(name: &str) -> Place {
    match name {
        "role" => Place::Role,
        "id" | "type" | "status" | "call_id" | "tool_call_id" | "phase" => Place::Plain,
        "content" | "parts" => Place::Content,
        "name" | "tool_name" | "refusal" | "reasoning" | "reasoning_content" | "thinking" => Place::Text,
        "reasoning_details" => Place::Details,
        "tool_calls" => Place::Calls,
        "function_call" => Place::Call,
        "arguments" => Place::Source,
        "output" | "summary" => Place::Result,
        "encrypted_content" => Place::Seal,
        "images" => Place::Images,
        // A picture that was made.
        "result" => Place::Data,
        // Responses takes parts as items, too.
        "text" => Place::Own,
        "image_url" | "file_data" => Place::Data,
        _ => Place::Free,
    }
}

fn part(name: &str, result: bool) -> Place {
    match name {
        "type" => Place::Type,
        "id"
        | "tool_use_id"
        | "call_id"
        | "status"
        | "cache_control"
        | "prompt_cache_breakpoint"
        | "detail"
        | "file_id"
        | "is_error"
        | "role" => Place::Plain,
        "text" if !result => Place::Own,
        "text" | "refusal" | "title" | "context" | "filename" | "name" | "file_url" | "url" => Place::Text,
        "parts" if !result => Place::Content,
        "content" | "parts" | "output" => Place::Result,
        "thinking" => Place::Thought,
        // Pictures keep their data one level deeper.
        "data" => Place::Opaque,
        "signature" => Place::Signature,
        "encrypted_content" | "encrypted_stdout" | "thoughtSignature" | "thought_signature" => Place::Seal,
        "image_url" | "file_data" => Place::Data,
        "source" | "input_audio" | "file" | "inlineData" | "inline_data" | "fileData" => Place::Blob,
        "citations" | "annotations" => Place::Cites,
        "functionCall" | "function_call" | "functionResponse" | "function_response" => Place::Call,
        "extra_content" => Place::Extra,
        _ => Place::Free,
    }
}
