#include "base/files.h"
#include "store/step_records.h"
#include "support/verify.h"

#include <QTemporaryDir>

#include <fstream>

using namespace clipscope;
using namespace clipscope::store;

namespace {

ClusterRecord cluster(std::int64_t epoch, std::int64_t index)
{
    return { epoch, index, 40 + index,
        { { 40 + index, 0.0F, true }, { 7, 0.25F, false }, { 1'000'000, 3.5F, true } } };
}

StepRecord step(std::int64_t number, std::int64_t epoch)
{
    return { number, epoch, number - 1, 1, 0.1 * static_cast<double>(number),
        { { 41, 0, 3, 5, 37, 1.5F, -0.25F }, { 41, 2, 4, 0, 3, 0.5F, 2.0F },
            { 7, 300, 301, 4000, 4032, 8.0F, 0.0F } } };
}

} // namespace

class TestStepRecords final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        test::failOnAnyWarning();
        m_temporary = std::make_unique<QTemporaryDir>();
        m_folder = std::filesystem::path(m_temporary->path().toStdString()) / "steps";
    }

    void readsBackWhatWasWritten()
    {
        QVERIFY(recordedEpochs(m_folder).empty());
        writeTwoEpochs();
        QCOMPARE(recordedEpochs(m_folder), (std::vector<std::int64_t>{ 1, 2 }));
        const auto first = readEpoch(m_folder, 1);
        QVERIFY_RESULT(first);
        QVERIFY(first->clusters == (std::vector{ cluster(1, 0), cluster(1, 1) }));
        QVERIFY(first->steps == (std::vector{ step(1, 1), step(2, 1) }));
        QVERIFY_ERROR(readEpoch(m_folder, 3), ErrorKind::NotFound);
    }

    void goesOnAfterAnyStep_data()
    {
        QTest::addColumn<int>("lastStep");
        QTest::addColumn<int>("firstEpochSteps");
        QTest::addColumn<int>("secondEpochSteps");
        QTest::newRow("nothing done") << 0 << 0 << 0;
        QTest::newRow("within the first epoch") << 1 << 1 << 0;
        QTest::newRow("between the epochs") << 2 << 2 << 0;
        QTest::newRow("within the second") << 3 << 2 << 1;
        QTest::newRow("all done") << 4 << 2 << 2;
    }
    void goesOnAfterAnyStep()
    {
        QFETCH(int, lastStep);
        QFETCH(int, firstEpochSteps);
        QFETCH(int, secondEpochSteps);
        writeTwoEpochs();
        QVERIFY_RESULT(StepRecordWriter::open(m_folder, lastStep));
        const auto stepsOf = [&](std::int64_t epoch) {
            const auto read = readEpoch(m_folder, epoch);
            return read ? static_cast<int>(read->steps.size()) : 0;
        };
        QCOMPARE(stepsOf(1), firstEpochSteps);
        QCOMPARE(stepsOf(2), secondEpochSteps);
        // The clusters of an epoch that is under way stay; those of one that is not come anew.
        QCOMPARE(recordedEpochs(m_folder).size(),
            std::size_t((firstEpochSteps > 0 ? 1 : 0) + (secondEpochSteps > 0 ? 1 : 0)));
    }

    void leavesOutATornEndAndCutsItBeforeWriting()
    {
        writeTwoEpochs();
        const auto file = m_folder / "epoch-0001.records";
        const auto whole = readFile(file);
        QVERIFY_RESULT(whole);
        for (std::size_t size = 0; size < whole->size(); ++size) {
            QVERIFY_RESULT(writeFileAtomically(file, whole->substr(0, size)));
            const auto read = readEpoch(m_folder, 1);
            QVERIFY_RESULT(read);
            QVERIFY(read->steps.size() < 2);
        }
        std::filesystem::remove(m_folder / "epoch-0002.records");
        auto writer = StepRecordWriter::open(m_folder, 1);
        QVERIFY_RESULT(writer);
        QVERIFY_RESULT(writer->append(step(2, 1)));
        const auto read = readEpoch(m_folder, 1);
        QVERIFY_RESULT(read);
        QVERIFY(read->steps == (std::vector{ step(1, 1), step(2, 1) }));
    }

    void refusesDamageAndOtherVersions()
    {
        writeTwoEpochs();
        const auto file = m_folder / "epoch-0001.records";
        const auto whole = readFile(file);
        QVERIFY_RESULT(whole);
        const auto changed = [&](std::size_t at, char to) {
            std::string bytes = *whole;
            bytes[at] = to;
            return writeFileAtomically(file, bytes).has_value();
        };
        QVERIFY(changed(0, 'X'));
        QVERIFY_ERROR(readEpoch(m_folder, 1), ErrorKind::BadInput);
        QVERIFY(changed(8, 2));
        QVERIFY_ERROR(readEpoch(m_folder, 1), ErrorKind::Unsupported);
        QVERIFY(changed(20, '\x55'));
        const auto read = readEpoch(m_folder, 1);
        QVERIFY_ERROR(read, ErrorKind::BadInput);
        QCOMPARE(read.error().place.where, std::string("byte 12"));
    }

private:
    void writeTwoEpochs()
    {
        auto writer = StepRecordWriter::open(m_folder, 0);
        QVERIFY_RESULT(writer);
        for (std::int64_t epoch = 1; epoch <= 2; ++epoch) {
            for (std::int64_t index = 0; index < 2; ++index)
                QVERIFY_RESULT(writer->append(cluster(epoch, index)));
            for (std::int64_t index = 1; index <= 2; ++index)
                QVERIFY_RESULT(writer->append(step(2 * (epoch - 1) + index, epoch)));
        }
    }

    std::unique_ptr<QTemporaryDir> m_temporary;
    std::filesystem::path m_folder;
};

QTEST_GUILESS_MAIN(TestStepRecords)
#include "tst_step_records.moc"
