#pragma once

#include "base/result.h"
#include "data/caption_tokens.h"

namespace clipscope::store {
class Project;
}

namespace clipscope::data {

/// The captions of a project's catalogue as a shard, P/captions/FINGERPRINT/captions.shard: one
/// entry for each video with a caption that has tokens, in the order of the catalogue.
///
/// Made when it is missing, damaged, or the catalogue's videos or captions are not those it was
/// made from; used as it is otherwise. Captions without tokens are left out.
/// Errors:  Io; as store::Catalogue.
/// Threads: one thread at a time for one Project; processes may do it at once, each sees a whole
///          shard.
/// Cost:    reads all captions of the catalogue each time, tokenises them when it makes the shard.
Result<store::CaptionShard> openProjectCaptions(
    const store::Project& project, const text::WordPiece& words, const CaptionConfig& config);

} // namespace clipscope::data
