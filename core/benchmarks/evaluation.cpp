#include "benchmarks/evaluation.h"

#include "base/files.h"

#include <algorithm>

namespace clipscope::benchmarks {

namespace {

constexpr std::int64_t formatVersion = 1;
constexpr std::uint64_t largestFile = 1ULL << 30;

Json answerJson(const Answer& answer)
{
    Json json = { { "video", answer.video } };
    if (answer.videoId != 0)
        json["video_id"] = answer.videoId;
    json["start"] = answer.startSecond;
    json["stop"] = answer.stopSecond;
    json["text"] = answer.text;
    json["score"] = answer.score;
    return json;
}

Json itemJson(const ItemResult& item)
{
    Json json = answerJson(item.truth);
    json["value"] = item.value ? Json(*item.value) : Json();
    Json answers = Json::array();
    for (const Answer& answer : item.answers) {
        answers.push_back(answerJson(answer));
        answers.back()["right"] = answer.isRight;
    }
    json["answers"] = std::move(answers);
    return json;
}

Json figureJson(const Figure& figure)
{
    return { { "name", figure.name }, { "value", figure.value }, { "low", figure.interval.low },
        { "high", figure.interval.high },
        { "chance", figure.chance ? Json(*figure.chance) : Json() } };
}

/// Takes members out of an object; what is missing or of another type is remembered, the first
/// counts.
class MemberReader final
{
public:
    MemberReader(const Json& object, const std::filesystem::path& file, std::string where)
        : m_object(object)
        , m_file(file)
        , m_where(std::move(where))
    {
    }

    void take(const char* key, std::string& into)
    {
        if (const auto text = textOf(m_object, key))
            into = *text;
        else
            miss(key);
    }
    void take(const char* key, double& into)
    {
        if (const auto number = numberOf(m_object, key))
            into = *number;
        else
            miss(key);
    }
    void take(const char* key, std::int64_t& into)
    {
        if (const Json& member = memberOf(m_object, key); member.is_number_integer())
            into = member.get<std::int64_t>();
        else
            miss(key);
    }
    void take(const char* key, bool& into)
    {
        if (const Json& member = memberOf(m_object, key); member.is_boolean())
            into = member.get<bool>();
        else
            miss(key);
    }
    void take(const char* key, std::optional<double>& into)
    {
        into = numberOf(m_object, key);
        if (!into && !memberOf(m_object, key).is_null())
            miss(key);
    }
    void take(const char* key, std::vector<std::string>& into)
    {
        each(key, [&](const Json& member, const std::string& where) -> Status {
            if (!member.is_string())
                return anotherForm(m_file, where, "a text was expected");
            into.push_back(member.get<std::string>());
            return {};
        });
    }
    /// `use` gets the members of a list and where they are.
    template<typename F> void each(const char* key, F use)
    {
        const Json& list = memberOf(m_object, key);
        if (!list.is_array())
            return miss(key);
        for (std::size_t at = 0; at < list.size() && m_status; ++at)
            m_status = use(list[at], m_where + "/" + key + "/" + std::to_string(at));
    }
    const Status& status() const { return m_status; }

private:
    void miss(const char* key)
    {
        if (m_status)
            m_status = anotherForm(m_file, m_where.empty() ? "/" : m_where,
                std::string(key) + " is missing or of another type");
    }

    const Json& m_object;
    const std::filesystem::path& m_file;
    std::string m_where;
    Status m_status;
};

void takeAnswer(MemberReader& members, const Json& json, Answer& answer)
{
    members.take("video", answer.video);
    if (json.contains("video_id"))
        members.take("video_id", answer.videoId);
    members.take("start", answer.startSecond);
    members.take("stop", answer.stopSecond);
    members.take("text", answer.text);
    members.take("score", answer.score);
}

Status takeItem(const Json& json, const std::filesystem::path& file, const std::string& where,
    std::vector<ItemResult>& items)
{
    if (!json.is_object())
        return anotherForm(file, where, "an item was expected");
    ItemResult item;
    MemberReader members(json, file, where);
    takeAnswer(members, json, item.truth);
    item.truth.isRight = true;
    members.take("value", item.value);
    members.each("answers", [&](const Json& entry, const std::string& place) -> Status {
        if (!entry.is_object())
            return anotherForm(file, place, "an answer was expected");
        MemberReader parts(entry, file, place);
        Answer answer;
        takeAnswer(parts, entry, answer);
        parts.take("right", answer.isRight);
        item.answers.push_back(std::move(answer));
        return parts.status();
    });
    items.push_back(std::move(item));
    return members.status();
}

Status takeFigure(const Json& json, const std::filesystem::path& file, const std::string& where,
    std::vector<Figure>& figures)
{
    Figure figure;
    MemberReader members(json, file, where);
    members.take("name", figure.name);
    members.take("value", figure.value);
    members.take("low", figure.interval.low);
    members.take("high", figure.interval.high);
    members.take("chance", figure.chance);
    figures.push_back(std::move(figure));
    return members.status();
}

Status checkFormat(const Json& json, const std::filesystem::path& file)
{
    const auto format = numberOf(json, "format");
    if (!format)
        return anotherForm(file, "/", "\"format\" was expected");
    if (*format > static_cast<double>(formatVersion))
        return fail(ErrorKind::Unsupported, "The evaluation was written by a newer version.",
            { file, {} }, "Evaluate again.");
    return {};
}

} // namespace

Json toJson(const Evaluation& evaluation)
{
    Json figures = Json::array(), items = Json::array();
    for (const Figure& figure : evaluation.figures)
        figures.push_back(figureJson(figure));
    for (const ItemResult& item : evaluation.items)
        items.push_back(itemJson(item));
    return { { "format", formatVersion }, { "benchmark", factsOf(evaluation.benchmark).name },
        { "checkpoint", evaluation.checkpoint }, { "checkpoint_title", evaluation.checkpointTitle },
        { "checkpoint_fingerprint", evaluation.checkpointFingerprint },
        { "features", evaluation.features }, { "annotations", utf8(evaluation.annotations.path) },
        { "annotations_hash", evaluation.annotations.hash },
        { "version", evaluation.programVersion }, { "made_at", evaluation.madeAt },
        { "elapsed_seconds", evaluation.elapsedSeconds },
        { "items_in_benchmark", evaluation.itemsInBenchmark },
        { "candidates", evaluation.candidates }, { "missing_videos", evaluation.missingVideos },
        { "figures", figures }, { "notes", evaluation.notes }, { "items", items } };
}

Result<Evaluation> evaluationFromJson(const Json& json, const std::filesystem::path& file)
{
    CLIP_TRY(checkFormat(json, file));
    Evaluation evaluation;
    MemberReader members(json, file, "");
    std::string benchmark, annotations;
    members.take("benchmark", benchmark);
    members.take("checkpoint", evaluation.checkpoint);
    members.take("checkpoint_title", evaluation.checkpointTitle);
    members.take("checkpoint_fingerprint", evaluation.checkpointFingerprint);
    members.take("features", evaluation.features);
    members.take("annotations", annotations);
    members.take("annotations_hash", evaluation.annotations.hash);
    members.take("version", evaluation.programVersion);
    members.take("made_at", evaluation.madeAt);
    members.take("elapsed_seconds", evaluation.elapsedSeconds);
    members.take("items_in_benchmark", evaluation.itemsInBenchmark);
    members.take("candidates", evaluation.candidates);
    members.take("missing_videos", evaluation.missingVideos);
    members.take("notes", evaluation.notes);
    members.each("figures", [&](const Json& entry, const std::string& where) {
        return takeFigure(entry, file, where, evaluation.figures);
    });
    members.each("items", [&](const Json& entry, const std::string& where) {
        return takeItem(entry, file, where, evaluation.items);
    });
    CLIP_TRY(members.status());
    const auto known = benchmarkOf(benchmark);
    if (!known)
        return anotherForm(file, "/benchmark", "\"" + benchmark + "\" is no benchmark");
    evaluation.benchmark = *known;
    evaluation.annotations.path = pathFromUtf8(annotations);
    return evaluation;
}

std::filesystem::path evaluationPath(
    const std::filesystem::path& project, const std::string& checkpoint, Benchmark benchmark)
{
    return project / "evaluations" / pathFromUtf8(checkpoint)
        / (std::string(factsOf(benchmark).name) + ".json");
}

Status writeEvaluation(const std::filesystem::path& file, const Evaluation& evaluation)
{
    CLIP_TRY(makeFolder("The folder of evaluations", file.parent_path()));
    return writeFileAtomically(file, dump(toJson(evaluation)) + "\n");
}

Result<Evaluation> readEvaluation(const std::filesystem::path& file)
{
    CLIP_TRY_ASSIGN(const std::string content, readFile(file, largestFile));
    CLIP_TRY_ASSIGN(const Json json, parseJson(content, file));
    return evaluationFromJson(json, file);
}

Result<std::vector<std::filesystem::path>> evaluationFiles(const std::filesystem::path& project)
{
    namespace fs = std::filesystem;
    std::vector<fs::path> files;
    const fs::path top = project / "evaluations";
    std::error_code code;
    if (!fs::exists(top, code))
        return files;
    fs::directory_iterator checkpoints(top, code);
    for (const fs::directory_iterator end; !code && checkpoints != end; checkpoints.increment(code))
        for (const BenchmarkFacts& facts : allBenchmarks()) {
            const fs::path file = checkpoints->path() / (std::string(facts.name) + ".json");
            if (std::error_code missing; fs::is_regular_file(file, missing))
                files.push_back(file);
        }
    if (code)
        return fail(ErrorKind::Io, "The evaluations cannot be listed: " + code.message() + ".",
            { top, {} });
    std::ranges::sort(files);
    return files;
}

} // namespace clipscope::benchmarks
