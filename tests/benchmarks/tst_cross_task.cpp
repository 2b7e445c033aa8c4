#include "benchmarks/annotation_files.h"
#include "benchmarks/annotations.h"

#include <QProcess>
#include <QStandardPaths>

#include <algorithm>
#include <set>

using namespace clipscope;
using namespace clipscope::benchmarks;

namespace {

namespace fs = std::filesystem;

using Names = std::vector<std::pair<std::string, std::string>>; ///< task and video

/// A CrossTask folder: its files by their name in it.
using Files = std::map<std::string, std::string>;
const Files crossTask{
    { "tasks_primary.txt", "10\nMake Tea\n-\n2\nboil water,pour\n\n20\nToast\n-\n3\na,b,a\n\n" },
    { "videos.csv", "20,v1,-\n10,v2,-\n30,other,-\n20,none,-\n20,v3,https://x,y\n" },
    { "videos_val.csv", "20,v1,-\n10,v3,-\n" },
    { "annotations/20_v1.csv", "1,0,1\n" },
    { "annotations/10_v2.csv", "2,5.25,7.5\n1,6,8\n" },
    { "annotations/20_v3.csv", "3,1,2\n" },
    { "annotations/10_v3.csv", "?" },
};

/// Videos "0", "1", ... of tasks with so many videos, one task after the other.
std::vector<StepVideo> videosOfTasks(const std::vector<std::size_t>& sizes)
{
    std::vector<StepVideo> videos;
    for (std::size_t task = 0; task < sizes.size(); ++task)
        for (std::size_t at = 0; at < sizes[task]; ++at)
            videos.push_back({ task, { std::to_string(at), {} } });
    return videos;
}

} // namespace

class TestCrossTask final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void readsAFolder();
    void tasksAreInTheOrderOfTheDraw();
    void drawnVideosDoNotTest();
    void refusesWithFileAndLine_data();
    void refusesWithFileAndLine();
    void survivesEveryTruncation();
    void testVideosAreThoseOfTheReference();
    void drawsAreThoseOfTheReference();
    void readsTheRealFolder();

private:
    test::AnnotationFiles m_files;
};

void TestCrossTask::readsAFolder()
{
    Files files = crossTask;
    const auto some = readCrossTask(m_files.written(files));
    QVERIFY_RESULT(some);
    QCOMPARE(some->videos.size(), std::size_t(2));
    QCOMPARE(some->tasks[some->videos[0].task].name, std::string("Make Tea"));
    const ActionVideo& tea = some->videos[0].video;
    QCOMPARE(tea.video, std::string("v2"));
    QCOMPARE(tea.actions, (std::vector<std::size_t>{ 1, 0 }));
    QCOMPARE(tea.segments[0].label, std::string("pour"));
    QCOMPARE(tea.segments[0].startSeconds, 5.25);
    QCOMPARE(tea.segments[0].stopSeconds, 7.5);
    // Two steps with one text.
    QCOMPARE(some->videos[1].video.segments[0].label, std::string("a"));
    QCOMPARE(some->videos[1].video.actions, (std::vector<std::size_t>{ 2 }));

    files.erase("videos_val.csv");
    const auto all = readCrossTask(m_files.written(files));
    QVERIFY_RESULT(all);
    QCOMPARE(all->videos.size(), std::size_t(3));
}

void TestCrossTask::tasksAreInTheOrderOfTheDraw()
{
    const auto names = [](const Result<StepBenchmark>& benchmark) {
        std::vector<std::string> ids;
        for (const labels::Task& task : benchmark->tasks)
            ids.push_back(task.id);
        return ids;
    };
    // The first video of task 20 is left out for videos_val.csv and counts all the same.
    Files files = crossTask;
    const auto both = readCrossTask(m_files.written(files));
    QVERIFY_RESULT(both);
    QCOMPARE(names(both), (std::vector<std::string>{ "20", "10" }));
    // Without an annotation it does not.
    files.erase("annotations/20_v1.csv");
    const auto later = readCrossTask(m_files.written(files));
    QVERIFY_RESULT(later);
    QCOMPARE(names(later), (std::vector<std::string>{ "10", "20" }));
    files.erase("annotations/10_v2.csv");
    files.erase("annotations/20_v3.csv");
    files["videos.csv"] += "20,v1,-\n20,v4,-\n";
    files["annotations/20_v4.csv"] = "1,0,1\n";
    const auto oneEmpty = readCrossTask(m_files.written(files));
    QVERIFY_RESULT(oneEmpty);
    QCOMPARE(names(oneEmpty), (std::vector<std::string>{ "20", "10" }));
}

void TestCrossTask::drawnVideosDoNotTest()
{
    const auto test = crossTaskTest(videosOfTasks({ 30, 31, 2, 75 }), 4);
    std::vector<std::size_t> counts(4);
    for (const StepVideo& video : test)
        ++counts[video.task];
    QCOMPARE(counts, (std::vector<std::size_t>{ 0, 1, 0, 45 }));
    QVERIFY(std::ranges::is_sorted(test, {}, &StepVideo::task));
    QVERIFY(crossTaskTest({}, 0).empty());
    QCOMPARE(crossTaskTest(videosOfTasks({ 3, 1 }), 2, 0).size(), std::size_t(4));
    // A name that stands there twice: both train when one is drawn, as in the reference.
    auto twice = videosOfTasks({ 2 });
    twice[1].video.video = twice[0].video.video;
    QVERIFY(crossTaskTest(twice, 1, 1).empty());
}

void TestCrossTask::refusesWithFileAndLine_data()
{
    QTest::addColumn<QByteArray>("file");
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QByteArray>("where");
    const auto row = [](const char* file, const char* content, const char* where) {
        QTest::addRow("%s: %s", file, QByteArray(content).replace('\n', "|").constData())
            << QByteArray(file) << QByteArray(content) << QByteArray(where);
    };
    row("tasks_primary.txt", "10\nTea\n-\n3\nboil,pour\n", "line 4");
    row("tasks_primary.txt", "10\nTea\n-\n1\nboil\n\n10\nTea\n-\n1\nboil\n", "");
    row("videos.csv", "10\n", "line 1");
    row("videos.csv", "20,v1,-\n\n10,,-\n", "line 3");
    row("videos.csv", "10,../10_v2,-\n", "line 1");
    row("videos.csv", "20,none,-\n", "");
    row("videos.csv", "", "");
    row("videos_val.csv", "20,v1\n?\n", "line 2");
    for (const char* step : { "0,1,2", "3,1,2", "-1,1,2", "1.5,1,2", "x,1,2", ",1,2", "1,1",
             "1,1,2,3", "1,2,1", "1,-1,2", "1,nan,2", "1,0,inf", "1,0,1e9", "1,,2",
             "99999999999999999999,1,2", "\"1,1,2" })
        row("annotations/10_v2.csv", QByteArray("1,0,1\r\n\r\n").append(step).constData(),
            "line 3");
}

void TestCrossTask::refusesWithFileAndLine()
{
    QFETCH(QByteArray, file);
    QFETCH(QByteArray, content);
    QFETCH(QByteArray, where);
    Files files = crossTask;
    files[file.toStdString()] = content.toStdString();
    const fs::path place = m_files.written(files);
    const auto benchmark = readCrossTask(place);
    QVERIFY_ERROR(benchmark, ErrorKind::BadInput);
    QCOMPARE(benchmark.error().place.file, place / file.toStdString());
    QCOMPARE(QByteArray::fromStdString(benchmark.error().place.where), where);
    QVERIFY_ERROR(
        readCrossTask(m_files.written(Files{ { "tasks_primary.txt", "" } })), ErrorKind::NotFound);
}

void TestCrossTask::survivesEveryTruncation()
{
    for (const auto& [name, content] : crossTask)
        for (std::size_t size = 0; size < content.size(); ++size) {
            Files files = crossTask;
            files[name].resize(size);
            const auto benchmark = readCrossTask(m_files.written(files));
            // Cut into videos_val.csv, it leaves fewer out.
            QVERIFY2(!benchmark || benchmark->videos.size() <= 3, name.c_str());
        }
}

void TestCrossTask::testVideosAreThoseOfTheReference()
{
    const Json all = test::referenceDatasets();
    if (all.is_null())
        QSKIP("the parity fixtures are not there; set CLIPSCOPE_FIXTURES");
    const Json& wanted = all["crosstask"];
    Files files;
    for (const char* name : { "tasks_primary", "tasks_related" })
        files[std::string(name) + ".txt"] = wanted[name].get<std::string>();
    for (const char* name : { "videos", "videos_val" })
        files[std::string(name) + ".csv"] = wanted[name].get<std::string>();
    const auto without = wanted["videos_without_annotation"].get<std::set<std::string>>();
    for (const QByteArray& line : QByteArray::fromStdString(files["videos.csv"]).split('\n')) {
        const auto cells = line.split(',');
        if (cells.size() > 1 && !without.contains(cells[1].toStdString()))
            files["annotations/" + (cells[0] + '_' + cells[1]).toStdString() + ".csv"] = "1,0,1\n";
    }
    auto benchmark = readCrossTask(m_files.written(files));
    QVERIFY_RESULT(benchmark);
    for (const labels::Task& task : benchmark->tasks) {
        std::vector<std::string> steps;
        for (const labels::Step& step : task.steps)
            steps.push_back(step.label);
        QCOMPARE(steps, wanted["steps"][task.id].get<std::vector<std::string>>());
    }
    const auto withoutFeatures = wanted["videos_without_features"].get<std::set<std::string>>();
    std::erase_if(benchmark->videos,
        [&](const StepVideo& video) { return withoutFeatures.contains(video.video.video); });
    const auto named = [&](const std::vector<StepVideo>& videos) {
        Names names;
        for (const StepVideo& video : videos)
            names.emplace_back(benchmark->tasks[video.task].id, video.video.video);
        return names;
    };
    const auto test = named(crossTaskTest(
        benchmark->videos, benchmark->tasks.size(), wanted["n_train"].get<std::size_t>()));
    QVERIFY(test == wanted["test"].get<Names>());
    // What does not test trains; the related task of the reference is not read here.
    auto training = wanted["train"].get<Names>();
    std::erase_if(training, [](const auto& video) { return video.first == "1373"; });
    training.insert(training.end(), test.begin(), test.end());
    QVERIFY(std::ranges::is_permutation(training, named(benchmark->videos)));
}

void TestCrossTask::drawsAreThoseOfTheReference()
{
    const Json all = test::referenceDatasets();
    if (all.is_null())
        QSKIP("the parity fixtures are not there; set CLIPSCOPE_FIXTURES");
    const auto drawnFrom = [](const std::vector<std::size_t>& sizes, std::size_t taken) {
        std::vector<std::set<std::size_t>> drawn(sizes.size());
        for (std::size_t task = 0; task < sizes.size(); ++task)
            for (std::size_t at = 0; at < sizes[task]; ++at)
                drawn[task].insert(at);
        for (const StepVideo& video : crossTaskTest(videosOfTasks(sizes), sizes.size(), taken))
            drawn[video.task].erase(std::stoul(video.video.video));
        return drawn;
    };
    const Json& draws = all["split_draws"];
    const auto sizes = draws["sizes"].get<std::vector<std::size_t>>();
    QVERIFY((drawnFrom(sizes, 30) == draws["chosen"].get<std::vector<std::set<std::size_t>>>()));
    // One generator again for all of them.
    const auto permutations = draws["permutations"].get<std::vector<std::vector<std::size_t>>>();
    for (std::size_t taken = 1; taken < permutations.front().size(); ++taken) {
        std::vector<std::size_t> lengths;
        std::vector<std::set<std::size_t>> wanted;
        for (const std::vector<std::size_t>& permutation : permutations) {
            lengths.push_back(permutation.size());
            wanted.emplace_back(
                permutation.begin(), permutation.begin() + static_cast<std::ptrdiff_t>(taken));
        }
        QVERIFY(drawnFrom(lengths, taken) == wanted);
    }
}

void TestCrossTask::readsTheRealFolder()
{
    const auto packed = test::dataFolder() / "annotations" / "crosstask_rebuilt.tar.gz";
    const QString tar = QStandardPaths::findExecutable(QStringLiteral("tar"));
    if (!fs::exists(packed) || tar.isEmpty())
        QSKIP("the sample data or tar is not here; set CLIPSCOPE_DATA");
    fs::remove_all(m_files.folder() / "crosstask");
    QCOMPARE(QProcess::execute(tar,
                 { QStringLiteral("-xzf"), QString::fromStdString(packed.string()),
                     QStringLiteral("-C"), QString::fromStdString(m_files.folder().string()) }),
        0);
    const auto benchmark = readCrossTask(m_files.folder() / "crosstask");
    QVERIFY_RESULT(benchmark);
    QCOMPARE(benchmark->tasks.size(), std::size_t(18));
    QCOMPARE(benchmark->videos.size(), std::size_t(2048));
    std::size_t steps = 0, segments = 0;
    for (const labels::Task& task : benchmark->tasks)
        steps += task.steps.size();
    for (const StepVideo& video : benchmark->videos)
        segments += video.video.segments.size();
    QCOMPARE(steps, std::size_t(133));
    QCOMPARE(segments, std::size_t(17172));
    const auto test = crossTaskTest(benchmark->videos, benchmark->tasks.size());
    // One task has 24 videos, all of which train.
    QCOMPARE(test.size(), std::size_t(2048 - 24 - 17 * 30));
}

QTEST_GUILESS_MAIN(TestCrossTask)
#include "tst_cross_task.moc"
