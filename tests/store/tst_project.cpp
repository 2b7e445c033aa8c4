#include "base/files.h"
#include "store/project.h"
#include "support/verify.h"

#include <QTemporaryDir>

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace clipscope;
using namespace clipscope::store;

namespace {

void executeIn(const std::filesystem::path& file, const char* sql)
{
    sqlite3* handle = nullptr;
    QCOMPARE(sqlite3_open(file.c_str(), &handle), SQLITE_OK);
    QCOMPARE(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(handle);
}

NewVideo video(const std::string& hash)
{
    NewVideo made;
    made.record.contentHash = hash;
    made.record.path = "/" + hash;
    return made;
}

} // namespace

class TestProject final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        test::failOnAnyWarning();
        m_folder = std::make_unique<QTemporaryDir>();
        m_path = std::filesystem::path(m_folder->path().toStdString()) / "new" / "films.clipscope";
    }

    void createsWithParentsAndOpensAgain()
    {
        {
            auto project = Project::create(m_path);
            QVERIFY_RESULT(project);
            QVERIFY_RESULT(project->catalogue().addVideo(video("a")));
        }
        const auto project = Project::open(m_path, Access::ReadOnly);
        QVERIFY_RESULT(project);
        QCOMPARE(*project->catalogue().videoCount(), 1);
        QVERIFY(project->featuresFolder("s3d") == m_path / "features" / "s3d");
        QVERIFY(project->folder().is_absolute());
    }

    void worksInPathsThatLookLikeAddresses()
    {
        const auto odd = m_path.parent_path() / "50% #1 what?.clipscope";
        QVERIFY_RESULT(Project::create(odd));
        QVERIFY_RESULT(Project::open(odd, Access::ReadWrite));
    }

    void refusesToCreateOverSomethingElse()
    {
        QVERIFY_RESULT(Project::create(m_path));
        QVERIFY_ERROR(Project::create(m_path), ErrorKind::Conflict);
        const auto parent = m_path.parent_path();
        QVERIFY_ERROR(Project::create(parent), ErrorKind::BadInput);
        QVERIFY_RESULT(writeFileAtomically(parent / "file", "x"));
        QVERIFY_ERROR(Project::create(parent / "file"), ErrorKind::BadInput);
        std::filesystem::create_directory(parent / "empty");
        QVERIFY_RESULT(Project::create(parent / "empty"));
    }

    void saysWhatIsMissing()
    {
        QVERIFY_ERROR(Project::open(m_path, Access::ReadOnly), ErrorKind::NotFound);
        std::filesystem::create_directories(m_path);
        QVERIFY_ERROR(Project::open(m_path, Access::ReadWrite), ErrorKind::NotFound);
    }

    void refusesANewerProjectAndLeavesItAsItIs()
    {
        QVERIFY_RESULT(Project::create(m_path));
        executeIn(m_path / "project.sqlite", "PRAGMA user_version = 999");
        const auto before = readFile(m_path / "project.sqlite");
        for (const Access access : { Access::ReadOnly, Access::ReadWrite }) {
            const auto opened = Project::open(m_path, access);
            QVERIFY_ERROR(opened, ErrorKind::Unsupported);
            QVERIFY(opened.error().message.find("999") != std::string::npos);
        }
        QCOMPARE(*readFile(m_path / "project.sqlite"), *before);
    }

    void refusesOtherFilesInTheCataloguesPlace()
    {
        std::filesystem::create_directories(m_path);
        QVERIFY_RESULT(writeFileAtomically(m_path / "project.sqlite", std::string(5000, 'x')));
        QVERIFY_ERROR(Project::open(m_path, Access::ReadWrite), ErrorKind::BadInput);
        std::filesystem::remove(m_path / "project.sqlite");
        executeIn(m_path / "project.sqlite", "CREATE TABLE other (x)");
        QVERIFY_ERROR(Project::open(m_path, Access::ReadWrite), ErrorKind::BadInput);
        QVERIFY_RESULT(writeFileAtomically(m_path / "project.sqlite", ""));
        QVERIFY_ERROR(Project::open(m_path, Access::ReadOnly), ErrorKind::BadInput);
    }

    void survivesACatalogueTruncatedAnywhere()
    {
        QVERIFY_RESULT(Project::create(m_path));
        const auto whole = readFile(m_path / "project.sqlite");
        QVERIFY_RESULT(whole);
        for (std::size_t size = 0; size < whole->size(); size += 509) {
            QVERIFY_RESULT(writeFileAtomically(m_path / "project.sqlite", whole->substr(0, size)));
            const auto opened = Project::open(m_path, Access::ReadOnly);
            if (opened)
                QVERIFY(!opened->catalogue().videos() || opened->catalogue().videos()->empty());
            else
                QVERIFY_ERROR(opened, ErrorKind::BadInput);
        }
    }

    void letsOneWriteAndOthersReadBeside()
    {
        auto writer = Project::create(m_path);
        QVERIFY_RESULT(writer);
        const auto second = Project::open(m_path, Access::ReadWrite);
        QVERIFY_ERROR(second, ErrorKind::Conflict);
        QVERIFY(second.error().message.find(std::to_string(::getpid())) != std::string::npos);
        auto reader = Project::open(m_path, Access::ReadOnly);
        QVERIFY_RESULT(reader);
        QVERIFY_RESULT(writer->catalogue().addVideo(video("a")));
        QCOMPARE(*reader->catalogue().videoCount(), 1);
        QVERIFY_ERROR(reader->catalogue().addVideo(video("b")), ErrorKind::Conflict);
    }

    void givesTheLockBackWhenClosed()
    {
        QVERIFY_RESULT(Project::create(m_path));
        QVERIFY_RESULT(Project::open(m_path, Access::ReadWrite));
        QVERIFY_RESULT(Project::open(m_path, Access::ReadWrite));
    }

    void readsAProjectThatCannotBeWritten()
    {
        QVERIFY_RESULT(Project::create(m_path));
        std::filesystem::remove(m_path / "project.lock");
        ::chmod(m_path.c_str(), 0555);
        // Root may write everywhere, so it is somebody else meanwhile.
        constexpr uid_t nobody = 65534;
        const bool isRoot = ::geteuid() == 0;
        ::chmod(m_folder->path().toUtf8().constData(), 0755);
        if (isRoot)
            QCOMPARE(::seteuid(nobody), 0);
        const auto writer = Project::open(m_path, Access::ReadWrite);
        const auto reader = Project::open(m_path, Access::ReadOnly);
        if (isRoot)
            QCOMPARE(::seteuid(0), 0);
        ::chmod(m_path.c_str(), 0755);
        QVERIFY_ERROR(writer, ErrorKind::Io);
        QVERIFY_RESULT(reader);
    }

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    std::filesystem::path m_path;
};

QTEST_GUILESS_MAIN(TestProject)
#include "tst_project.moc"
