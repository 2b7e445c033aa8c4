#pragma once

#include "text/caption.h"

#include <string_view>

namespace clipscope::text {

// All readers take UTF-8 with or without a byte order mark and UTF-16 with one; bytes that are not
// valid UTF-8 are read as Windows-1252 when the whole file is not UTF-8 (old .srt files are). Line
// ends may be LF, CRLF or CR. They never change what they read.
// Threads: any thread at once. Cost: the whole file in memory (subtitles at most 256 MB).

/// Reads a SubRip file. Counters, positions ("X1:…") and tags (<i>, {\an8}) are dropped, lines of
/// one cue are joined with a space. Hours may have any number of digits, the separator of the
/// milliseconds may be ',' or '.'.
/// Errors: NotFound, Io; BadInput when there is no cue at all in a file with text. A cue with
/// unreadable, negative or reversed times becomes a problem with its line.
Result<CaptionList> readSrt(const std::filesystem::path& path);
Result<CaptionList> parseSrt(std::string_view content, const std::filesystem::path& name);

/// Reads a WebVTT file. Identifiers, settings, NOTE, STYLE and REGION blocks are dropped, tags
/// (<v Name>, <c.class>, <00:01.000>) too, entities are resolved; hours are optional.
/// Errors: NotFound, Io; BadInput when the first line is not WEBVTT (line 1). A bad cue becomes a
/// problem with its line.
Result<CaptionList> readVtt(const std::filesystem::path& path);
Result<CaptionList> parseVtt(std::string_view content, const std::filesystem::path& name);

/// readSrt() or readVtt() by the extension, upper or lower case.
/// Errors: as these; Unsupported for any other extension.
Result<CaptionList> readSubtitles(const std::filesystem::path& path);

/// Reads captions of many videos from JSON in one of the forms
///   {"NAME": [{"start": s, "end": s, "text": "…"}, …]}
///   {"NAME": {"start": [s, …], "end": [s, …], "text": ["…", …]}}     (HowTo100M raw_caption.json)
///   {"clips" | "videos": [{"file" | "video" | "path": "NAME", "captions": [{…}]}]}
/// also mixed; "stop" is taken for "end". Other members are ignored. Texts that are empty or not
/// strings are dropped in silence, as HowTo100M has many.
/// Errors: NotFound, Io; BadInput with line and column when it is not JSON, with the JSON path
/// ("/NAME/2/start") when the form is another. Single bad captions (times missing, not numbers,
/// negative, reversed) become problems.
Result<CaptionCollection> readCaptionsJson(const std::filesystem::path& path);
Result<CaptionCollection> parseCaptionsJson(
    std::string_view content, const std::filesystem::path& name);

} // namespace clipscope::text
