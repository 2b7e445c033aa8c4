#include "data/project_captions.h"

#include "base/files.h"
#include "base/hash.h"
#include "store/project.h"

#include <bit>
#include <functional>

namespace clipscope::data {

namespace {

using Visit = std::function<Status(
    const store::VideoRecord& video, const std::vector<store::CaptionRecord>& captions)>;

/// Visits the catalogue and returns a hash of all that was seen.
Result<std::string> visitCatalogue(const store::Catalogue& catalogue, const Visit& visit)
{
    Hasher hasher;
    const auto add = [&](std::string_view text) {
        hasher.add(std::to_string(text.size()) + ":");
        hasher.add(text);
    };
    const auto number = [&](double value) {
        hasher.add(std::to_string(std::bit_cast<std::uint64_t>(value)) + ",");
    };
    CLIP_TRY_ASSIGN(const auto records, catalogue.videos());
    for (const store::VideoRecord& record : records) {
        CLIP_TRY_ASSIGN(const auto captions, catalogue.captions(record.id));
        hasher.add(std::to_string(record.id) + "=");
        add(record.contentHash);
        add(utf8(record.path.filename()));
        for (const store::CaptionRecord& caption : captions) {
            number(caption.startSeconds);
            number(caption.stopSeconds);
            add(caption.text);
        }
        CLIP_TRY(visit(record, captions));
    }
    return hasher.hex();
}

void dropWithoutTokens(const store::CaptionTable& from, store::CaptionTable& out)
{
    out.clear();
    const store::CaptionList list = from.list();
    for (std::size_t at = 0; at < list.size(); ++at)
        if (const store::TokenCaption caption = list[at]; !caption.ids.empty())
            out.add(caption.startSeconds, caption.stopSeconds, caption.ids);
}

Status makeShard(const store::Project& project, const std::filesystem::path& file,
    const text::WordPiece& words, const CaptionConfig& config, const std::string& fingerprint)
{
    CLIP_TRY_ASSIGN(auto writer, store::CaptionShardWriter::create(file));
    store::CaptionTable all, kept;
    CLIP_TRY_ASSIGN(const std::string content,
        visitCatalogue(
            project.catalogue(), [&](const auto& record, const auto& captions) -> Status {
                std::vector<text::Caption> texts;
                texts.reserve(captions.size());
                for (const store::CaptionRecord& caption : captions)
                    texts.push_back({ caption.startSeconds, caption.stopSeconds, caption.text });
                tokenise(std::move(texts), record.id, words, config, all);
                dropWithoutTokens(all, kept);
                if (kept.empty())
                    return {};
                return writer.append(
                    record.id, utf8(record.path.filename()), record.contentHash, kept.list());
            }));
    return writer.commit({ fingerprint, content });
}

} // namespace

Result<store::CaptionShard> openProjectCaptions(
    const store::Project& project, const text::WordPiece& words, const CaptionConfig& config)
{
    const std::string fingerprint = captionFingerprint(words, config);
    const std::filesystem::path file = project.captionsFolder(fingerprint) / "captions.shard";
    if (auto shard = store::CaptionShard::open(file)) {
        CLIP_TRY_ASSIGN(const std::string content,
            visitCatalogue(project.catalogue(), [](const auto&, const auto&) { return Status(); }));
        bool whole = shard->origin() == store::CaptionOrigin{ fingerprint, content };
        for (std::int64_t at = 0; whole && at < shard->videoCount(); ++at)
            whole = shard->check(at).has_value();
        if (whole)
            return shard;
    } else if (shard.error().kind == ErrorKind::Io) {
        return fail(std::move(shard).error());
    }
    CLIP_TRY(makeShard(project, file, words, config, fingerprint));
    return store::CaptionShard::open(file);
}

} // namespace clipscope::data
