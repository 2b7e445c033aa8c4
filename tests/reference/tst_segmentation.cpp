#include "base/half.h"
#include "base/json.h"
#include "labels/compare.h"
#include "labels/segmenter.h"
#include "support/verify.h"
#include "tasks/labelling.h"
#include "tasks/score_blocks.h"
#include "tasks/video_clip_model.h"
#include "tensor/tensor_file.h"

#include <ATen/ATen.h>

#include <cmath>
#include <map>

using namespace clipscope;

/// COIN's threshold rule and CrossTask's ordered steps, by the fixture metrics.
class TestSegmentation final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init() { test::failOnAnyWarning(); }

    void windowsStartWhereTheReferencesDo();
    void thresholdIsThatOfTheReference();
    void coinLabelsAreThoseOfTheReference();
    void coinAccuracyIsThatOfTheReference();
    void storedHalvesScoreAlmostTheSame();
    void stepsStandWhereTheReferencePutsThem();
    void crossTaskRecallIsThatOfTheReference();
    void assignsAsTheReferenceAlsoInTies();

private:
    const Json& coin() const { return m_json.at("coin"); }
    at::Tensor tensor(const std::string& name) const
    {
        return m_file.tensors.at(name).to(at::kFloat).contiguous();
    }
    static std::vector<float> floats(const at::Tensor& tensor)
    {
        const at::Tensor rows = tensor.contiguous();
        const float* data = rows.const_data_ptr<float>();
        return { data, data + rows.numel() };
    }
    /// States of the seconds of a COIN video, averaged where windows overlap.
    at::Tensor coinStates(std::size_t number) const
    {
        const Json& video = coin().at("videos").at(number);
        const at::Tensor hidden = tensor("coin.hidden" + std::to_string(number));
        const auto T = video.at("seconds").get<std::int64_t>();
        const auto windows = tasks::stateWindows(T);
        tasks::WindowMean mean(T, hidden.size(2));
        for (std::size_t w = 0; w < windows.size(); ++w) {
            const auto [start, stop] = windows[w];
            // Behind [CLS], before [SEP].
            mean.add(start, hidden[static_cast<std::int64_t>(w)].slice(0, 1, 1 + stop - start));
        }
        return mean.mean();
    }
    std::vector<double> coinThresholds() const
    {
        return std::vector<double>(
            static_cast<std::size_t>(tensor("coin.labels").size(0)), m_threshold);
    }
    /// Scores of the steps of a CrossTask video, averaged where windows overlap.
    std::vector<float> stepScores(const Json& video) const
    {
        const at::Tensor logits = tensor(video.at("logits").get<std::string>());
        const auto T = video.at("seconds").get<std::int64_t>();
        tasks::WindowMean mean(T, logits.size(1));
        std::int64_t row = 0;
        for (const auto& [start, stop] : tasks::stateWindows(T)) {
            mean.add(start, logits.slice(0, row, row + stop - start));
            row += stop - start;
        }
        return floats(mean.mean());
    }
    static labels::Segment segment(double start, double stop, std::string label)
    {
        labels::Segment result;
        result.startSeconds = start;
        result.stopSeconds = stop;
        result.label = std::move(label);
        return result;
    }

    Json m_json;
    tensor::TensorFile m_file;
    double m_threshold = 0.0;
};

void TestSegmentation::initTestCase()
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
    const at::Tensor vectors = tensor("coin.labels");
    m_threshold
        = tasks::largestPairProduct(floats(vectors), static_cast<std::size_t>(vectors.size(0)));
}

void TestSegmentation::windowsStartWhereTheReferencesDo()
{
    QVERIFY(!m_json.at("windows").empty());
    for (const Json& row : m_json.at("windows")) {
        std::vector<std::int64_t> starts;
        for (const auto& window : tasks::stateWindows(row.at("seconds").get<std::int64_t>()))
            starts.push_back(window.first);
        QCOMPARE(starts, row.at("starts").get<std::vector<std::int64_t>>());
    }
}

void TestSegmentation::thresholdIsThatOfTheReference()
{
    QVERIFY(std::abs(m_threshold - coin().at("threshold").get<double>()) < 1e-5);
}

void TestSegmentation::coinLabelsAreThoseOfTheReference()
{
    const at::Tensor vectors = tensor("coin.labels");
    const auto L = static_cast<std::size_t>(vectors.size(0));
    for (std::size_t v = 0; v < coin().at("videos").size(); ++v) {
        const Json& video = coin().at("videos").at(v);
        const at::Tensor scores = coinStates(v).mm(vectors.t());
        // The mean of products is the product of the mean: equal up to rounding.
        const double gap
            = (scores - tensor("coin.merged" + std::to_string(v))).abs().max().item<double>();
        QVERIFY2(gap < 2e-5, std::to_string(gap).c_str());
        const auto values = floats(scores);
        const labels::ScoreTable table{ values, L };
        std::vector<std::int32_t> labels = labels::segment(table, coinThresholds(), {}).labels;
        labels::SegmenterOptions best;
        best.outside = labels::Outside::Never;
        std::vector<std::int32_t> always = labels::segment(table, coinThresholds(), best).labels;
        for (std::size_t t = 0; t < labels.size(); ++t) { // there 0 is outside
            ++labels[t];
            ++always[t];
        }
        QCOMPARE(labels, video.at("prediction").get<std::vector<std::int32_t>>());
        QCOMPARE(always, video.at("argmax_plus_1").get<std::vector<std::int32_t>>());
    }
}

void TestSegmentation::coinAccuracyIsThatOfTheReference()
{
    const auto wordsOf = [](const std::vector<std::int32_t>& ids) {
        std::vector<std::string> words;
        for (const std::int32_t id : ids)
            words.push_back(id == 0 ? std::string() : std::to_string(id));
        return words;
    };
    double equal = 0.0, all = 0.0;
    for (const Json& video : coin().at("videos")) {
        const auto T = video.at("seconds").get<std::int64_t>();
        std::vector<labels::Segment> truth;
        for (const Json& one : video.at("segments"))
            truth.push_back(segment(one.at("start").get<double>(), one.at("end").get<double>(),
                std::to_string(one.at("id").get<int>())));
        const auto target = labels::labelOfEachSecond(truth, T);
        QCOMPARE(target, wordsOf(video.at("target").get<std::vector<std::int32_t>>()));
        const auto predicted = wordsOf(video.at("prediction").get<std::vector<std::int32_t>>());
        const auto result = labels::compare(labels::timeOf(target), labels::timeOf(predicted),
            labels::FrameGrid::regular(static_cast<double>(T), 1.0));
        QCOMPARE(result.frames, T);
        equal += result.frameAccuracy * static_cast<double>(T);
        all += static_cast<double>(T);
    }
    QVERIFY(std::abs(equal / all - coin().at("frame_acc").get<double>()) < 1e-9);
}

void TestSegmentation::storedHalvesScoreAlmostTheSame()
{
    // What the program does with states kept in binary16.
    const at::Tensor vectors = tensor("coin.labels");
    const auto queries = floats(vectors);
    const auto L = static_cast<std::size_t>(vectors.size(0)), D = queries.size() / L;
    const at::Tensor states = coinStates(0);
    std::vector<std::uint16_t> halves;
    for (const float value : floats(states))
        halves.push_back(halfFromFloat(value));
    std::vector<tasks::ScoreColumn> columns;
    for (std::size_t l = 0; l < L; ++l)
        columns.push_back({ std::span(queries).subspan(l * D, D), l });
    std::vector<float> scores(static_cast<std::size_t>(states.size(0)) * L);
    tasks::scoreColumns(halves, columns, L, scores);
    const auto expected = floats(tensor("coin.merged0"));
    QCOMPARE(scores.size(), expected.size());
    // Eleven bits of each of eight numbers of a size of some units.
    for (std::size_t i = 0; i < scores.size(); ++i)
        QVERIFY(std::abs(scores[i] - expected[i]) < 0.01F);
}

void TestSegmentation::stepsStandWhereTheReferencePutsThem()
{
    for (const Json& video : m_json.at("crosstask").at("videos")) {
        const auto scores = stepScores(video);
        const auto steps = video.at("steps").get<std::size_t>();
        QCOMPARE(labels::orderedSeconds({ scores, steps }),
            video.at("assigned_second").get<std::vector<std::int64_t>>());
    }
}

void TestSegmentation::crossTaskRecallIsThatOfTheReference()
{
    std::map<std::string, labels::StepCounts> tasks;
    for (const Json& video : m_json.at("crosstask").at("videos")) {
        const auto scores = stepScores(video);
        std::vector<std::string> steps;
        for (int k = 1; k <= video.at("steps").get<int>(); ++k)
            steps.push_back(std::to_string(k));
        std::vector<labels::Segment> truth;
        for (const Json& row : video.at("annotation"))
            truth.push_back(segment(row.at(1).get<double>(), row.at(2).get<double>(),
                std::to_string(row.at(0).get<int>())));
        const auto counts = labels::stepCounts(labels::orderedSeconds({ scores, steps.size() }),
            steps, truth, video.at("seconds").get<std::int64_t>());
        labels::StepCounts& ofTask = tasks[video.at("task").get<std::string>()];
        ofTask.found += counts.found;
        ofTask.present += counts.present;
    }
    const Json& expected = m_json.at("crosstask").at("recall");
    double sum = 0.0;
    for (const auto& [task, counts] : tasks) {
        QVERIFY(std::abs(counts.recall() - expected.at(task).get<double>()) < 1e-12);
        sum += counts.recall();
    }
    QVERIFY(std::abs(sum / static_cast<double>(tasks.size()) - expected.at("recall").get<double>())
        < 1e-12);
}

void TestSegmentation::assignsAsTheReferenceAlsoInTies()
{
    for (const Json& row : m_json.at("ordered_assignment").at("cases")) {
        std::vector<double> costs;
        for (const Json& second : row.at("cost"))
            for (const Json& cost : second)
                costs.push_back(cost.get<double>());
        const auto K = row.at("steps").get<std::size_t>();
        const auto seconds = labels::orderedAssignment(costs, K);
        QCOMPARE(seconds, row.at("assigned_second").get<std::vector<std::int64_t>>());
        double total = 0.0;
        for (std::size_t k = 0; k < K; ++k)
            total += costs[static_cast<std::size_t>(seconds[k]) * K + k];
        QVERIFY(std::abs(total - row.at("total_cost").get<double>()) < 1e-9);
    }
}

QTEST_GUILESS_MAIN(TestSegmentation)
#include "tst_segmentation.moc"
