#include "base/files.h"
#include "base/json.h"
#include "support/verify.h"
#include "tasks/protocol_run.h"
#include "tasks/video_clip_model.h"
#include "tensor/tensor_file.h"

#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <limits>
#include <map>

using namespace clipscope;

namespace {

/// Answers with the numbers of the fixtures: a video's features are one row, the number of its
/// case; a text is known by its words.
class RecordedModel final : public tasks::EmbeddingModel
{
public:
    std::vector<at::Tensor> clips; ///< [D] of each video
    std::vector<at::Tensor> hidden; ///< [34, D] of each clip with [CLS] and [SEP]
    std::vector<at::Tensor> states; ///< [T, D] of each video
    std::map<std::string, at::Tensor> textVectors;

    const tasks::CheckpointInfo& info() const override { return m_info; }
    std::string fingerprint() const override { return "recorded"; }
    int dim() const override { return static_cast<int>(textVectors.begin()->second.size(0)); }
    int featureDim() const override { return 1; }
    float weakBelow() const override { return -std::numeric_limits<float>::infinity(); }
    at::Tensor secondStates(const at::Tensor& features) const override
    {
        return states.at(numberOf(features));
    }
    at::Tensor clipVectors(std::span<const at::Tensor> features) const override
    {
        std::vector<at::Tensor> vectors;
        for (const at::Tensor& clip : features)
            vectors.push_back(clips.at(numberOf(clip)));
        return at::stack(vectors);
    }
    at::Tensor partVectors(const at::Tensor& clip,
        std::span<const std::pair<std::int64_t, std::int64_t>> parts) const override
    {
        const at::Tensor tokens = hidden.at(numberOf(clip)).slice(0, 1, 33);
        std::vector<at::Tensor> vectors;
        for (const auto& [start, stop] : parts)
            vectors.push_back(tokens.slice(0, start, stop).mean(0));
        return at::stack(vectors);
    }
    Result<tasks::EmbeddedTexts> embedTexts(std::span<const std::string> texts) const override
    {
        std::vector<at::Tensor> vectors;
        for (const std::string& text : texts)
            vectors.push_back(textVectors.at(text));
        return tasks::EmbeddedTexts{ at::stack(vectors), {} };
    }

private:
    static std::size_t numberOf(const at::Tensor& features)
    {
        return static_cast<std::size_t>(features[0][0].item<float>());
    }
    tasks::CheckpointInfo m_info;
};

/// PREFIX12 is case 12 with so many seconds.
tasks::VideoSource videosOf(std::vector<std::int64_t> seconds, std::string_view prefix = "v")
{
    return [seconds = std::move(seconds), prefix](
               const std::string& name) -> Result<std::optional<tasks::BenchmarkVideo>> {
        if (!name.starts_with(prefix))
            return std::nullopt;
        const auto number = static_cast<std::size_t>(std::stoul(name.substr(prefix.size())));
        return tasks::BenchmarkVideo{ static_cast<std::int64_t>(number + 1),
            at::full({ seconds.at(number), 1 }, static_cast<double>(number), at::kFloat) };
    };
}

std::string numbered(const char* word, std::size_t number)
{
    return std::string(word).append(std::to_string(number));
}

at::Tensor tensorOf(const Json& rows)
{
    std::vector<at::Tensor> tensors;
    if (!rows.front().is_array())
        return at::tensor(at::ArrayRef<float>(rows.get<std::vector<float>>()));
    for (const Json& row : rows)
        tensors.push_back(tensorOf(row));
    return at::stack(tensors);
}

double figureOf(const benchmarks::Evaluation& evaluation, std::string_view name)
{
    for (const benchmarks::Figure& figure : evaluation.figures)
        if (figure.name == name)
            return figure.value;
    return std::numeric_limits<double>::quiet_NaN();
}

} // namespace

/// The protocols from annotation file to figure, with the reference's states in place of a model.
class TestProtocols final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }
    void initTestCase();
    void ranksClipsAsTheReference();
    void choosesTextsAsTheReference();
    void ranksPartsAsTheReference();
    void labelsActionsAsTheReference();
    void placesStepsAsTheReference();

private:
    at::Tensor tensor(const std::string& name) const
    {
        return m_file.tensors.at(name).to(at::kFloat).contiguous();
    }
    std::filesystem::path write(const char* name, const std::string& content) const
    {
        const auto path = std::filesystem::path(m_folder.path().toStdString()) / name;
        if (!writeFileAtomically(path, content))
            qFatal("%s cannot be written", name);
        return path;
    }
    /// States of a video's seconds, averaged where windows overlap. Shapes: rows [W, 32, D].
    static at::Tensor merged(std::int64_t T, const std::vector<at::Tensor>& rows)
    {
        tasks::WindowMean mean(T, rows.front().size(1));
        std::size_t window = 0;
        for (const auto& [start, stop] : tasks::stateWindows(T))
            mean.add(start, rows.at(window++).slice(0, 0, stop - start));
        return mean.mean();
    }

    Json m_json;
    tensor::TensorFile m_file;
    QTemporaryDir m_folder;
};

void TestProtocols::initTestCase()
{
    const std::filesystem::path folder = test::fixturesFolder();
    if (!std::filesystem::exists(folder / "metrics.json"))
        QSKIP("no fixture metrics.json");
    const auto json = readJson(folder / "metrics.json");
    QVERIFY_RESULT(json);
    m_json = *json;
    auto file = tensor::readSafetensors(folder / "metrics.safetensors");
    QVERIFY_RESULT(file);
    m_file = std::move(*file);
}

void TestProtocols::ranksClipsAsTheReference()
{
    QVERIFY(!m_json.at("retrieval").empty());
    for (const Json& example : m_json.at("retrieval")) {
        const auto N = example.at("n").get<std::size_t>();
        RecordedModel model;
        std::string csv = "key,vid_key,video_id,sentence\n";
        // A matrix of scores is its rows times the identity.
        const bool isMatrix = example.contains("scores");
        const at::Tensor texts
            = isMatrix ? tensorOf(example.at("scores")) : tensor("retrieval.text_vectors");
        const at::Tensor videos
            = isMatrix ? at::eye(static_cast<std::int64_t>(N)) : tensor("retrieval.video_vectors");
        for (std::size_t i = 0; i < N; ++i) {
            model.clips.push_back(videos[static_cast<std::int64_t>(i)]);
            model.textVectors[numbered("text ", i)] = texts[static_cast<std::int64_t>(i)];
            csv += numbered("ret", i) + "," + numbered("msr", i) + "," + numbered("v", i) + ","
                + numbered("text ", i) + "\n";
        }
        const auto evaluation = tasks::runProtocol(model, benchmarks::Benchmark::MsrVtt,
            write("test.csv", csv), videosOf(std::vector<std::int64_t>(N, 5)), {});
        QVERIFY_RESULT(evaluation);
        const Json& strict = example.at("strict");
        QCOMPARE(figureOf(*evaluation, "R@1"), strict.at("R1").get<double>());
        QCOMPARE(figureOf(*evaluation, "R@5"), strict.at("R5").get<double>());
        QCOMPARE(figureOf(*evaluation, "R@10"), strict.at("R10").get<double>());
        QCOMPARE(figureOf(*evaluation, "median rank"), strict.at("MedR").get<double>());
        QCOMPARE(evaluation->items.size(), N);
        for (std::size_t i = 0; i < N; ++i)
            QCOMPARE(evaluation->items[i].value, example.at("rank_strict").at(i).get<double>());
    }
}

void TestProtocols::choosesTextsAsTheReference()
{
    const Json& all = m_json.at("multiple_choice");
    const std::size_t N = all.at("video").size();
    RecordedModel model;
    std::string tsv = "\tvid_key\tvideo\ta1\ta2\ta3\ta4\ta5\tanswer\n";
    std::vector<std::int64_t> seconds;
    for (std::size_t i = 0; i < N; ++i) {
        model.clips.push_back(tensorOf(all.at("video").at(i)));
        tsv += numbered("", i) + numbered("\tmsr", i) + "\tx";
        for (std::size_t choice = 0; choice < 5; ++choice) {
            const std::string text = numbered("text ", i) + numbered(" choice ", choice);
            model.textVectors[text] = tensorOf(all.at("text").at(i).at(choice));
            tsv += "\t" + text;
        }
        tsv += numbered("\t", all.at("answers").at(i).get<std::size_t>()) + "\n";
        seconds.push_back(3);
    }
    const auto evaluation = tasks::runProtocol(model, benchmarks::Benchmark::MsrVttChoice,
        write("choice.tsv", tsv), videosOf(seconds, "video"), {});
    QVERIFY_RESULT(evaluation);
    QCOMPARE(figureOf(*evaluation, "accuracy"), all.at("acc").get<double>());
    QCOMPARE(evaluation->figures.front().chance.value(), 0.2);
    for (std::size_t i = 0; i < N; ++i)
        QCOMPARE(evaluation->items[i].answers.front().text,
            numbered("text ", i)
                + numbered(" choice ", all.at("predictions").at(i).get<std::size_t>()));
}

void TestProtocols::ranksPartsAsTheReference()
{
    const Json& all = m_json.at("didemo");
    const at::Tensor hidden = tensor(all.at("hidden_video").get<std::string>()),
                     text = tensor(all.at("pooled_text").get<std::string>());
    const std::size_t N = all.at("times").size();
    RecordedModel model;
    Json file = Json::array();
    for (std::size_t i = 0; i < N; ++i) {
        model.hidden.push_back(hidden[static_cast<std::int64_t>(i)]);
        model.textVectors[numbered("text ", i)] = text[static_cast<std::int64_t>(i)];
        file.push_back({ { "video", numbered("v", i) }, { "description", numbered("text ", i) },
            { "times", all.at("times").at(i) } });
    }
    const auto evaluation = tasks::runProtocol(model, benchmarks::Benchmark::Didemo,
        write("test_data.json", dump(file)),
        videosOf(all.at("video_seconds").get<std::vector<std::int64_t>>()), {});
    QVERIFY_RESULT(evaluation);
    QCOMPARE(figureOf(*evaluation, "R@1"), all.at("rank1").get<double>());
    QCOMPARE(figureOf(*evaluation, "R@5"), all.at("rank5").get<double>());
    QCOMPARE(figureOf(*evaluation, "mIoU"), all.at("miou").get<double>());
    for (std::size_t i = 0; i < N; ++i) {
        const benchmarks::ItemResult& item = evaluation->items[i];
        const Json& rank = all.at("per_query").at(i).at("mean_of_3_best_ranks");
        QCOMPARE(item.value.has_value(), !rank.is_null());
        if (item.value)
            QCOMPARE(*item.value, rank.get<double>());
        const Json& best = all.at("ranked_segments").at(i).at(0);
        QCOMPARE(item.answers.front().startSecond, best.at(0).get<std::int64_t>() * 5);
    }
}

void TestProtocols::labelsActionsAsTheReference()
{
    const Json& all = m_json.at("coin");
    const at::Tensor labels = tensor(all.at("labels").get<std::string>());
    RecordedModel model;
    Json database = Json::object(), everyAction = Json::array();
    for (std::int64_t k = 0; k < labels.size(0); ++k) {
        const std::string name = numbered("action ", static_cast<std::size_t>(k + 1));
        model.textVectors[name] = labels[k];
        everyAction.push_back(
            { { "id", std::to_string(k + 1) }, { "label", name }, { "segment", { 0.0, 1.0 } } });
    }
    std::vector<std::int64_t> seconds;
    for (std::size_t v = 0; v < all.at("videos").size(); ++v) {
        const Json& video = all.at("videos").at(v);
        const at::Tensor hidden = tensor("coin.hidden" + std::to_string(v));
        std::vector<at::Tensor> windows;
        for (std::int64_t w = 0; w < hidden.size(0); ++w)
            windows.push_back(hidden[w].slice(0, 1, 33));
        seconds.push_back(video.at("seconds").get<std::int64_t>());
        model.states.push_back(merged(seconds.back(), windows));
        Json annotation = Json::array();
        for (const Json& segment : video.at("segments"))
            annotation.push_back({ { "id", std::to_string(segment.at("id").get<int>()) },
                { "label", "action " + std::to_string(segment.at("id").get<int>()) },
                { "segment", { segment.at("start"), segment.at("end") } } });
        database[numbered("v", v)]
            = { { "subset", "testing" }, { "class", "Task" }, { "annotation", annotation } };
    }
    database["absent"]
        = { { "subset", "testing" }, { "class", "Task" }, { "annotation", everyAction } };
    const auto evaluation = tasks::runProtocol(model, benchmarks::Benchmark::Coin,
        write("COIN.json", dump({ { "database", database } })), videosOf(seconds), {});
    QVERIFY_RESULT(evaluation);
    QCOMPARE(figureOf(*evaluation, "accuracy"), all.at("frame_acc").get<double>());
    QCOMPARE(evaluation->missingVideos, std::vector<std::string>{ "absent" });
    for (std::size_t v = 0; v < seconds.size(); ++v) {
        const Json& video = all.at("videos").at(v);
        double right = 0.0;
        for (std::size_t t = 0; t < video.at("target").size(); ++t)
            right += video.at("target").at(t) == video.at("prediction").at(t) ? 1.0 : 0.0;
        QCOMPARE(evaluation->items[v].value, right / static_cast<double>(seconds[v]));
    }
}

void TestProtocols::placesStepsAsTheReference()
{
    const Json& all = m_json.at("crosstask");
    RecordedModel model;
    std::vector<labels::Task> tasks;
    std::vector<benchmarks::StepVideo> videos;
    std::vector<std::int64_t> seconds, assigned;
    constexpr std::int64_t widest = 12;
    for (std::size_t k = 0; k < widest; ++k)
        model.textVectors[numbered("step ", k)] = at::eye(widest)[static_cast<std::int64_t>(k)];
    for (std::size_t v = 0; v < all.at("videos").size(); ++v) {
        const Json& video = all.at("videos").at(v);
        const auto K = video.at("steps").get<std::int64_t>();
        QVERIFY(K <= widest);
        const auto id = video.at("task").get<std::string>();
        auto task = std::ranges::find(tasks, id, &labels::Task::id);
        if (task == tasks.end()) {
            tasks.push_back({ id, id, {} });
            for (std::int64_t k = 0; k < K; ++k)
                tasks.back().steps.push_back({ k + 1, numbered("step ", std::size_t(k)) });
            task = tasks.end() - 1;
        }
        seconds.push_back(video.at("seconds").get<std::int64_t>());
        const at::Tensor logits = tensor(video.at("logits").get<std::string>());
        std::vector<at::Tensor> windows;
        std::int64_t row = 0;
        for (const auto& [start, stop] : tasks::stateWindows(seconds.back())) {
            windows.push_back(
                at::constant_pad_nd(logits.slice(0, row, row + stop - start), { 0, widest - K }));
            row += stop - start;
        }
        model.states.push_back(merged(seconds.back(), windows));
        benchmarks::ActionVideo annotated{ numbered("v", v), {} };
        for (const Json& line : video.at("annotation")) {
            labels::Segment segment;
            segment.label = numbered("step ", line.at(0).get<std::size_t>() - 1);
            segment.startSeconds = line.at(1).get<double>();
            segment.stopSeconds = line.at(2).get<double>();
            annotated.segments.push_back(segment);
            annotated.actions.push_back(line.at(0).get<std::size_t>() - 1);
        }
        videos.push_back({ static_cast<std::size_t>(task - tasks.begin()), annotated });
    }
    const tasks::VideoSource source = videosOf(seconds);
    tasks::ProtocolRun run(model, source, {});
    QVERIFY_RESULT(tasks::placeSteps(run, tasks, videos));
    const auto evaluation = run.finish(benchmarks::Benchmark::CrossTask);
    QVERIFY_RESULT(evaluation);
    const double recall = all.at("recall").at("recall").get<double>();
    QVERIFY(std::abs(figureOf(*evaluation, "recall") - recall) < 1e-12);
    for (const benchmarks::ItemResult& item : evaluation->items) {
        const Json& video = all.at("videos").at(std::stoul(item.truth.video.substr(1)));
        const std::size_t step = std::stoul(item.truth.text.substr(5));
        if (!item.answers.empty())
            QCOMPARE(item.answers.front().startSecond,
                video.at("assigned_second").at(step).get<std::int64_t>());
    }
}

QTEST_GUILESS_MAIN(TestProtocols)
#include "tst_protocols.moc"
