#include "app/studio/pages/training/batch_file.h"

#include "base/json.h"
#include "widgets/common/format.h"

#include <limits>

namespace clipscope::studio {

namespace {

double numberOf(const Json& json, const char* key)
{
    const auto found = json.find(key);
    return found != json.end() && found->is_number() ? found->get<double>()
                                                     : std::numeric_limits<double>::quiet_NaN();
}

QString textOf(const Json& json, const char* key)
{
    const auto found = json.find(key);
    return found != json.end() && found->is_string()
        ? widgets::fromUtf8(found->get_ref<const std::string&>())
        : QString();
}

BatchPair pairOf(const Json& json)
{
    BatchPair pair;
    const auto video = json.find("video");
    pair.videoId
        = video != json.end() && video->is_number_integer() ? video->get<std::int64_t>() : 0;
    pair.name = textOf(json, "name");
    pair.text = textOf(json, "text");
    pair.textStart = numberOf(json, "text_start");
    pair.textStop = numberOf(json, "text_stop");
    pair.videoStart = numberOf(json, "video_start");
    pair.videoStop = numberOf(json, "video_stop");
    pair.loss = numberOf(json, "loss");
    pair.margin = numberOf(json, "margin");
    return pair;
}

} // namespace

Result<Batch> readBatch(const std::filesystem::path& file)
{
    CLIP_TRY_ASSIGN(const Json json, readJson(file));
    const auto wrong = [&file](const char* what) {
        return fail(
            ErrorKind::BadInput, std::string("This is not a batch: ") + what + ".", { file, {} });
    };
    const auto pairs = json.is_object() ? json.find("pairs") : json.end();
    const auto scores = json.is_object() ? json.find("scores") : json.end();
    if (pairs == json.end() || !pairs->is_array() || scores == json.end() || !scores->is_array())
        return wrong("it has no pairs or no scores");
    Batch batch;
    if (const auto step = json.find("step"); step != json.end() && step->is_number_integer())
        batch.step = step->get<std::int64_t>();
    for (const Json& pair : *pairs) {
        if (!pair.is_object())
            return wrong("a pair is no object");
        batch.pairs.push_back(pairOf(pair));
    }
    if (scores->size() != pairs->size())
        return wrong("it has another number of rows than of pairs");
    for (const Json& row : *scores) {
        if (!row.is_array() || row.size() != pairs->size())
            return wrong("a row has another number of scores than there are pairs");
        for (const Json& score : row)
            batch.scores.push_back(
                score.is_number() ? score.get<float>() : std::numeric_limits<float>::quiet_NaN());
    }
    return batch;
}

} // namespace clipscope::studio
