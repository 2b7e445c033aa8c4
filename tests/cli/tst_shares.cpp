#include "store/feature_shards.h"
#include "store/project.h"
#include "support/cli.h"
#include "support/make_video.h"
#include "support/verify.h"

#include <QTemporaryDir>

#include <memory>
#include <vector>

using namespace clipscope;
namespace fs = std::filesystem;

/// Several processes extract one project at once, each its share.
class TestShares final : public QObject
{
    Q_OBJECT

private:
    static constexpr int films = 7, shares = 2;
    QTemporaryDir m_folder;
    QString path(const char* name) const { return m_folder.filePath(QString::fromLatin1(name)); }
    store::Project project() const
    {
        return std::move(*store::Project::open(
            fs::path(path("p.clipscope").toStdString()), store::Access::ReadOnly));
    }
    QStringList extract(const QString& share) const
    {
        return { "extract", path("p.clipscope"), "--encoder", "random-spatiotemporal", "--shard",
            share, "--json" };
    }

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }

    void initTestCase()
    {
        const fs::path folder = path("films").toStdString();
        fs::create_directories(folder);
        for (int film = 0; film < films; ++film) {
            test::MadeVideo video;
            video.frames = 50 + 25 * film; // two seconds and more
            QVERIFY_RESULT(
                test::makeVideo(folder / ("film" + std::to_string(film) + ".mp4"), video));
        }
        QCOMPARE(test::runCli({ "init", path("p.clipscope") }).exitCode, 0);
        QCOMPARE(test::runCli({ "import", path("p.clipscope"), path("films") }).exitCode, 0);
    }

    void processesAtOnceExtractEveryVideoOnce()
    {
        std::vector<std::unique_ptr<QProcess>> processes;
        for (int share = 0; share < shares; ++share) {
            processes.push_back(std::make_unique<QProcess>());
            processes.back()->start(qEnvironmentVariable("CLIPSCOPE_CLI"),
                extract(QStringLiteral("%1/%2").arg(share).arg(shares)));
        }
        std::int64_t extracted = 0;
        for (const auto& process : processes) {
            QVERIFY(process->waitForFinished(120'000));
            QVERIFY2(process->exitCode() == 0, process->readAllStandardError().constData());
            const auto json = parseJson(process->readAllStandardOutput().toStdString());
            QVERIFY_RESULT(json);
            extracted += (*json)["extracted"].get<std::int64_t>();
        }
        QCOMPARE(extracted, films);
        const auto reader
            = store::FeatureReader::open(project().featuresFolder("random-spatiotemporal"));
        QVERIFY_RESULT(reader);
        QCOMPARE(reader->videoCount(), films);
        QCOMPARE(reader->totalSeconds(), 2 + 3 + 4 + 5 + 6 + 7 + 8);
    }

    void aCallForAllFindsTheSharesDone()
    {
        const auto answer = test::runCli(
            { "extract", path("p.clipscope"), "--encoder", "random-spatiotemporal", "--json" });
        QCOMPARE(answer.exitCode, 0);
        QCOMPARE(answer.json()["extracted"].get<int>(), 0);
        QCOMPARE(answer.json()["known"].get<int>(), films);
    }

    void aShareThatIsNoneIsTold()
    {
        const auto answer = test::runCli(extract(QStringLiteral("2/2")));
        QCOMPARE(answer.exitCode, 2);
        QVERIFY(answer.output.find("count from 0") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestShares)
#include "tst_shares.moc"
