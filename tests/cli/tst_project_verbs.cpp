#include "base/files.h"
#include "store/project.h"
#include "store/run_folder.h"
#include "support/cli.h"
#include "support/make_video.h"
#include "support/verify.h"

#include <QTemporaryDir>

#include <cmath>
#include <csignal>
#include <fstream>

#include <sqlite3.h>

using namespace clipscope;
using test::runCli;

class TestProjectVerbs final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        test::failOnAnyWarning();
        m_temporary = std::make_unique<QTemporaryDir>();
        m_project = path("p.clipscope");
        m_films = path("films");
        std::filesystem::create_directory(m_films.toStdString());
        QCOMPARE(runCli({ QStringLiteral("init"), m_project }).exitCode, 0);
    }

    void goesFromAFolderToACollection()
    {
        film("a.mp4", 40);
        film("b.mkv", 50);
        write("films/c.mp4", "no film");
        write("films/a.srt", "1\n00:00:00,000 --> 00:00:01,000\nA word\n");
        const auto imported = runCli({ QStringLiteral("import"), m_project, m_films, json() });
        QCOMPARE(imported.exitCode, 1); // one was skipped
        QCOMPARE(imported.json()["imported"].get<int>(), 2);
        QCOMPARE(imported.json()["known"].get<int>(), 0);
        const Json skipped = imported.json()["skipped"];
        QCOMPARE(skipped.size(), std::size_t(1));
        QVERIFY(skipped[0]["path"].get<std::string>().ends_with("films/c.mp4"));
        QCOMPARE(skipped[0]["kind"].get<std::string>(), std::string("bad-input"));
        QVERIFY(!skipped[0]["reason"].get<std::string>().empty());
        QVERIFY(imported.errors.find("import") != std::string::npos); // progress
        const auto again = runCli({ QStringLiteral("import"), m_project, m_films, json() });
        QCOMPARE(again.json()["known"].get<int>(), 2);
        const auto info = runCli({ QStringLiteral("info"), m_project, json() });
        QCOMPARE(info.exitCode, 0);
        const Json videos = info.json()["videos"];
        QCOMPARE(videos.size(), std::size_t(2));
        QCOMPARE(videos[0]["captions"].get<int>(), 1);
        QVERIFY(std::abs(videos[0]["duration"].get<double>() - 1.6) < 0.05);
        for (const char* key : { "path", "duration", "seconds", "captions", "encoder", "problems" })
            QVERIFY(videos[0].contains(key));
        QVERIFY(info.json().contains("checkpoints") && info.json().contains("runs"));
        const auto people = runCli({ QStringLiteral("info"), m_project });
        QVERIFY(people.output.find("a.mp4") != std::string::npos);
    }

    void takesInHowTo100m()
    {
        write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\nhere\nis\na\nfish\n");
        write("raw.json", R"({"x1": {"start": [0, 2], "end": [3, 4], "text": ["here is", "a fish"]},
                              "x2": {"start": [0], "end": [3], "text": [NaN]}})");
        const QStringList import{ QStringLiteral("import"), m_project,
            QStringLiteral("--howto100m"), path("raw.json"), QStringLiteral("--vocabulary"),
            path("vocab.txt"), json() };
        const auto found = runCli(import);
        QCOMPARE(found.exitCode, 0);
        QCOMPARE(found.json()["videos"].get<int>(), 1);
        QCOMPARE(found.json()["captions"].get<int>(), 2);
        QCOMPARE(found.json()["tokens"].get<int>(), 4);
        QCOMPARE(found.json()["without_captions"].get<int>(), 1);
        QVERIFY(found.json()["features"].is_null());
        QVERIFY(found.errors.find("bytes") != std::string::npos); // progress

        write("raw.json", R"({"x1": {"start": [0, 2], "end": [3)");
        const auto broken = runCli(import);
        QCOMPARE(broken.exitCode, exitCodeOf(ErrorKind::BadInput));
        QVERIFY(broken.json()["error"]["place"].get<std::string>().find("line 1, column")
            != std::string::npos);

        const QStringList features{ QStringLiteral("import"), m_project,
            QStringLiteral("--features"), m_films, json() };
        const auto none = runCli(features);
        QCOMPARE(none.exitCode, exitCodeOf(ErrorKind::NotFound));
        const auto both = runCli(import + QStringList{ m_films });
        QCOMPARE(both.exitCode, exitCodeOf(ErrorKind::BadInput));
        const auto train = runCli({ QStringLiteral("pretrain"), m_project, QStringLiteral("--set"),
            QStringLiteral("data.source=howto100m"), QStringLiteral("--set"),
            QStringLiteral("data.vocabulary=") + path("vocab.txt"), json() });
        QCOMPARE(train.exitCode, exitCodeOf(ErrorKind::NotFound));
        QVERIFY(train.json()["error"]["hint"].get<std::string>().find("--features")
            != std::string::npos);
    }

    void failsByKind_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("exitCode");
        QTest::addColumn<QString>("kind");
        const auto text = [](const char* word) { return QString::fromUtf8(word); };
        QTest::newRow("project missing")
            << QStringList{ text("info"), text("/nowhere/p") } << 3 << text("not-found");
        QTest::newRow("project missing for import") << QStringList{ text("import"),
            text("/nowhere/p"), text("/") } << 3 << text("not-found");
        QTest::newRow("project not writable")
            << QStringList{ text("init"), text("/proc/p") } << 3 << text("not-found");
        QTest::newRow("project there")
            << QStringList{ text("init"), text("%PROJECT%") } << 6 << text("conflict");
        QTest::newRow("unknown verb") << QStringList{ text("imprt") } << 2 << text("bad-input");
        QTest::newRow("unknown option") << QStringList{ text("info"), text("%PROJECT%"),
            text("--jsn") } << 2 << text("bad-input");
        QTest::newRow("unknown setting") << QStringList{ text("import"), text("%PROJECT%"),
            text("/"), text("--set"), text("import.treads=2") }
                                         << 2 << text("bad-input");
        QTest::newRow("setting out of range") << QStringList{ text("import"), text("%PROJECT%"),
            text("/"), text("--threads"), text("-5") }
                                              << 2 << text("bad-input");
        QTest::newRow("argument missing") << QStringList{ text("info") } << 2 << text("bad-input");
        QTest::newRow("argument too many") << QStringList{ text("info"), text("%PROJECT%"),
            text("more") } << 2 << text("bad-input");
        QTest::newRow("nothing to import")
            << QStringList{ text("import"), text("%PROJECT%") } << 2 << text("bad-input");
        QTest::newRow("path missing")
            << QStringList{ text("import"), text("%PROJECT%"), text("/nowhere.mp4") } << 3
            << text("not-found");
    }
    void failsByKind()
    {
        QFETCH(QStringList, arguments);
        QFETCH(int, exitCode);
        QFETCH(QString, kind);
        arguments.replaceInStrings(QStringLiteral("%PROJECT%"), m_project);
        const auto people = runCli(arguments);
        QCOMPARE(people.exitCode, exitCode);
        QVERIFY(people.output.empty());
        QVERIFY(people.errors.find("clipscope-cli: ") != std::string::npos);
        const auto scripts = runCli(arguments + QStringList{ json() });
        QCOMPARE(scripts.exitCode, exitCode);
        const Json error = scripts.json()["error"];
        QCOMPARE(error["kind"].get<std::string>(), kind.toStdString());
        QVERIFY(!error["message"].get<std::string>().empty());
        QVERIFY(error.contains("place"));
    }

    void suggestsTheNearestName_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("suggestion");
        const auto text = [](const char* word) { return QString::fromUtf8(word); };
        QTest::newRow("verb") << QStringList{ text("imprt") } << text("'import'");
        QTest::newRow("option") << QStringList{ text("info"), text("p"), text("--jsn") }
                                << text("'--json'");
        QTest::newRow("setting") << QStringList{ text("import"), text("p"), text("x"),
            text("--set"), text("import.treads=2") }
                                 << text("'import.threads'");
    }
    void suggestsTheNearestName()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, suggestion);
        const auto answer = runCli(arguments);
        QVERIFY2(
            answer.errors.find("Did you mean " + suggestion.toStdString()) != std::string::npos,
            answer.errors.c_str());
    }

    void readsSettingsFromFileAndEnvironment()
    {
        film("a.mp4", 20);
        write("bad.toml", "[import]\nthreads = 1\ntreads = 3\n");
        const auto wrong = runCli({ QStringLiteral("import"), m_project, m_films,
            QStringLiteral("--config"), path("bad.toml"), json() });
        QCOMPARE(wrong.exitCode, 2);
        QVERIFY(
            wrong.json()["error"]["place"].get<std::string>().find("line 3") != std::string::npos);
        auto environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("CLIPSCOPE_IMPORT_THREADS"), QStringLiteral("many"));
        const auto call = QStringList{ QStringLiteral("import"), m_project, m_films, json() };
        QCOMPARE(runCli(call, environment).exitCode, 2);
        environment.insert(QStringLiteral("CLIPSCOPE_IMPORT_THREADS"), QStringLiteral("1"));
        QCOMPARE(runCli(call, environment).exitCode, 0);
    }

    void saysWhoHoldsTheProject()
    {
        auto held = store::Project::open(m_project.toStdString(), store::Access::ReadWrite);
        QVERIFY_RESULT(held);
        film("a.mp4", 20);
        const auto answer = runCli({ QStringLiteral("import"), m_project, m_films, json() });
        QCOMPARE(answer.exitCode, 6);
        const std::string message = answer.json()["error"]["message"].get<std::string>();
        QVERIFY(
            message.find(std::to_string(QCoreApplication::applicationPid())) != std::string::npos);
        QCOMPARE(runCli({ QStringLiteral("info"), m_project }).exitCode, 0); // reading goes on
    }

    void refusesANewerProject()
    {
        sqlite3* handle = nullptr;
        const std::string file = (m_project + QStringLiteral("/project.sqlite")).toStdString();
        QCOMPARE(sqlite3_open(file.c_str(), &handle), SQLITE_OK);
        QCOMPARE(
            sqlite3_exec(handle, "PRAGMA user_version = 42", nullptr, nullptr, nullptr), SQLITE_OK);
        sqlite3_close(handle);
        const auto answer = runCli({ QStringLiteral("info"), m_project, json() });
        QCOMPARE(answer.exitCode, 5);
        QCOMPARE(answer.json()["error"]["kind"].get<std::string>(), std::string("unsupported"));
    }

    void saysLineAndColumnOfBrokenCaptions()
    {
        write("broken.json", "{\"a.mp4\": [\n  {\"start\": 0,, \"end\": 1}]}\n");
        const auto answer = runCli({ QStringLiteral("import"), m_project, m_films,
            QStringLiteral("--captions"), path("broken.json"), json() });
        QCOMPARE(answer.exitCode, 2);
        const std::string place = answer.json()["error"]["place"].get<std::string>();
        QVERIFY2(place.find("broken.json: line 2, column ") != std::string::npos, place.c_str());
    }

    void stopsCleanlyAndTellsItsJobFolder()
    {
        for (int i = 0; i < 3; ++i)
            film("film" + std::to_string(i) + ".mp4", 10 + i);
        // Many files that take a moment each: links to one film count as many.
        const QString many = path("many");
        std::filesystem::create_directory(many.toStdString());
        const std::string whole = *readFile((m_films + QStringLiteral("/film0.mp4")).toStdString());
        for (int i = 0; i < 3000; ++i)
            write("many/" + std::to_string(i) + ".mp4", whole + std::to_string(i));
        const QString job = path("job");
        QProcess process;
        process.start(QString::fromLocal8Bit(qgetenv("CLIPSCOPE_CLI")),
            { QStringLiteral("import"), m_project, many, QStringLiteral("--job-folder"), job,
                json() });
        const auto imported = [this] {
            const auto project
                = store::Project::open(m_project.toStdString(), store::Access::ReadOnly);
            return project ? project->catalogue().videoCount().value_or(0) : 0;
        };
        QTRY_VERIFY_WITH_TIMEOUT(imported() > 5, 60'000);
        const auto folder = store::RunFolder::open(job.toStdString());
        QVERIFY_RESULT(folder);
        QVERIFY(folder->readState()->phase == store::RunPhase::Running);
        QCOMPARE(folder->readState()->pid, process.processId());
        ::kill(static_cast<pid_t>(process.processId()), SIGINT);
        QVERIFY(process.waitForFinished(30'000));
        QCOMPARE(process.exitCode(), 8);
        QVERIFY(folder->readState()->phase == store::RunPhase::Stopped);
        const auto result = readJson(folder->resultFile());
        QVERIFY_RESULT(result);
        QCOMPARE((*result)["error"]["kind"].get<std::string>(), std::string("cancelled"));
        const auto kept = imported();
        QVERIFY(kept < 3000);

        // A window asks through the folder; pausing is a stop that can be gone on from.
        process.start(process.program(), process.arguments());
        QTRY_VERIFY_WITH_TIMEOUT(imported() > kept, 60'000);
        QVERIFY_RESULT(folder->requestControl(store::Control::Pause));
        QVERIFY(process.waitForFinished(30'000));
        QVERIFY(folder->readState()->phase == store::RunPhase::Paused);
        QVERIFY(imported() < 3000);
    }

    void keepsWholeVideosWhenKilled()
    {
        const std::string whole = [this] {
            film("one.mp4", 20);
            return *readFile((m_films + QStringLiteral("/one.mp4")).toStdString());
        }();
        for (int i = 0; i < 500; ++i)
            write("films/" + std::to_string(i) + ".mp4", whole + std::to_string(i));
        QProcess process;
        process.start(QString::fromLocal8Bit(qgetenv("CLIPSCOPE_CLI")),
            { QStringLiteral("import"), m_project, m_films });
        const auto count = [this] {
            return store::Project::open(m_project.toStdString(), store::Access::ReadOnly)
                ->catalogue()
                .videoCount()
                .value_or(0);
        };
        QTRY_VERIFY_WITH_TIMEOUT(count() > 20, 60'000);
        process.kill();
        QVERIFY(process.waitForFinished(30'000));
        const auto project = store::Project::open(m_project.toStdString(), store::Access::ReadOnly);
        QVERIFY_RESULT(project);
        const auto videos = project->catalogue().videos();
        QVERIFY_RESULT(videos);
        for (const auto& video : *videos)
            QVERIFY_RESULT(project->catalogue().frameIndex(video.id));
        const auto again = runCli({ QStringLiteral("import"), m_project, m_films, json() });
        QCOMPARE(again.exitCode, 0);
        QCOMPARE(again.json()["imported"].get<int>() + again.json()["known"].get<int>(), 501);
        QVERIFY(again.json()["known"].get<int>() > 20);
    }

    void explainsItself()
    {
        const auto help = runCli({ QStringLiteral("--help") });
        QCOMPARE(help.exitCode, 0);
        for (const char* verb : { "init", "import", "info" })
            QVERIFY(help.output.find(verb) != std::string::npos);
        const auto verb = runCli({ QStringLiteral("help"), QStringLiteral("import") });
        QCOMPARE(verb.exitCode, 0);
        QVERIFY(verb.output.find("--captions") != std::string::npos);
        QVERIFY(verb.output.find("--threads") != std::string::npos);
        QCOMPARE(
            runCli({ QStringLiteral("import"), QStringLiteral("--help") }).output, verb.output);
        QVERIFY(runCli({ QStringLiteral("--version") }).output.starts_with("clipscope-cli "));
        QCOMPARE(runCli({}).exitCode, 2);
    }

private:
    QString path(const char* name) const { return m_temporary->filePath(QString::fromUtf8(name)); }
    static QString json() { return QStringLiteral("--json"); }
    void write(const std::string& name, const std::string& content) const
    {
        std::ofstream(path(name.c_str()).toStdString(), std::ios::binary) << content;
    }
    void film(const std::string& name, int frames) const
    {
        test::MadeVideo video;
        video.frames = frames;
        QVERIFY_RESULT(test::makeVideo(std::filesystem::path(m_films.toStdString()) / name, video));
    }

    std::unique_ptr<QTemporaryDir> m_temporary;
    QString m_project, m_films;
};

QTEST_GUILESS_MAIN(TestProjectVerbs)
#include "tst_project_verbs.moc"
