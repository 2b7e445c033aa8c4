#include "store/event_file.h"

#include "base/files.h"
#include "base/json.h"
#include "store/event_messages.h"
#include "support/full_disk.h"
#include "support/verify.h"

#include <QProcess>
#include <QTemporaryDir>

#include <cmath>
#include <cstring>
#include <limits>
#include <map>

using namespace clipscope;
using namespace clipscope::store;
namespace fs = std::filesystem;

namespace {

/// The fields of a message: varints and fixed numbers as bits, the rest as bytes.
struct Fields
{
    std::multimap<int, std::uint64_t> numbers;
    std::multimap<int, std::string> texts;

    std::string text(int field) const
    {
        const auto found = texts.find(field);
        return found == texts.end() ? "" : found->second;
    }
    std::uint64_t number(int field) const
    {
        const auto found = numbers.find(field);
        return found == numbers.end() ? 0 : found->second;
    }
    double real(int field) const
    {
        const std::uint64_t bits = number(field);
        double value = 0;
        std::memcpy(&value, &bits, sizeof value);
        return value;
    }
    float single(int field) const
    {
        const auto bits = static_cast<std::uint32_t>(number(field));
        float value = 0;
        std::memcpy(&value, &bits, sizeof value);
        return value;
    }
    std::vector<double> packed(int field) const
    {
        const std::string bytes = text(field);
        std::vector<double> values(bytes.size() / sizeof(double));
        std::memcpy(values.data(), bytes.data(), values.size() * sizeof(double));
        return values;
    }
};

std::uint64_t readVarint(std::string_view& bytes)
{
    std::uint64_t value = 0;
    for (int shift = 0; !bytes.empty(); shift += 7) {
        const auto byte = static_cast<unsigned char>(bytes.front());
        bytes.remove_prefix(1);
        value |= std::uint64_t(byte & 0x7f) << shift;
        if (byte < 0x80)
            break;
    }
    return value;
}

Fields parse(std::string_view bytes)
{
    Fields fields;
    while (!bytes.empty()) {
        const std::uint64_t key = readVarint(bytes);
        const int field = static_cast<int>(key >> 3);
        const std::uint64_t type = key & 7;
        if (type == 0) {
            fields.numbers.emplace(field, readVarint(bytes));
        } else if (type == 2) {
            const std::uint64_t length = readVarint(bytes);
            fields.texts.emplace(field, std::string(bytes.substr(0, length)));
            bytes.remove_prefix(std::min<std::size_t>(length, bytes.size()));
        } else {
            const std::size_t length = type == 1 ? 8 : 4;
            std::uint64_t value = 0;
            std::memcpy(&value, bytes.data(), std::min(length, bytes.size()));
            fields.numbers.emplace(field, value);
            bytes.remove_prefix(std::min(length, bytes.size()));
        }
    }
    return fields;
}

/// Every event of a file; its checksums are looked at by wholeEventRecords().
std::vector<Fields> eventsOf(const fs::path& path)
{
    std::vector<Fields> events;
    const std::string file = readFile(path).value_or("");
    const std::size_t whole = wholeEventRecords(file);
    for (std::size_t at = 0; at < whole;) {
        std::uint64_t length = 0;
        std::memcpy(&length, file.data() + at, sizeof length);
        events.push_back(parse(std::string_view(file).substr(at + 12, length)));
        at += 16 + length;
    }
    return events;
}

Fields valueOf(const Fields& event)
{
    return parse(parse(event.text(5)).text(1));
}

} // namespace

class TestEventFile final : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<QTemporaryDir> m_temporary;
    fs::path folder() const { return m_temporary->path().toStdString(); }
    std::vector<fs::path> files() const
    {
        std::vector<fs::path> found;
        for (const auto& entry : fs::directory_iterator(folder()))
            found.push_back(entry.path());
        std::sort(found.begin(), found.end());
        return found;
    }

private Q_SLOTS:
    void init()
    {
        test::failOnAnyWarning();
        m_temporary = std::make_unique<QTemporaryDir>();
    }

    void checksumsAreThoseOfTheDefinition()
    {
        // CRC-32C of "123456789" is e3069283; the mask turns it by 15 bits and adds a constant.
        const std::uint32_t crc = 0xe3069283u;
        QCOMPARE(maskedCrc("123456789"), ((crc >> 15) | (crc << 17)) + 0xa282ead8u);
        // From the first bytes of any event file: a version record of 24 bytes.
        QCOMPARE(eventRecord(std::string(24, 'x')).substr(0, 12),
            std::string("\x18\x00\x00\x00\x00\x00\x00\x00\xa3\x7f\x4b\x22", 12));
    }

    void readsBackWhatWasWritten()
    {
        fs::path path;
        {
            auto file = EventFile::open(folder(), 7);
            QVERIFY_RESULT(file);
            path = file->path();
            QVERIFY_RESULT(file->scalar("train/loss", 7, 1.5));
            QVERIFY_RESULT(file->scalar("train/loss", 1'000'000, -0.25));
            QVERIFY_RESULT(file->text("run/config", 7, "**bold** ä"));
        }
        const auto events = eventsOf(path);
        QCOMPARE(events.size(), std::size_t(5));
        QCOMPARE(events[0].text(3), std::string("brain.Event:2"));
        QVERIFY(events[0].real(1) > 1.7e9);
        QCOMPARE(events[1].number(2), std::uint64_t(7));
        QCOMPARE(parse(events[1].text(7)).number(1), std::uint64_t(1)); // SessionLog START
        QCOMPARE(events[2].number(2), std::uint64_t(7));
        QCOMPARE(valueOf(events[2]).text(1), std::string("train/loss"));
        QCOMPARE(valueOf(events[2]).single(2), 1.5f);
        QCOMPARE(events[3].number(2), std::uint64_t(1'000'000));
        QCOMPARE(valueOf(events[3]).single(2), -0.25f);
        const Fields text = valueOf(events[4]);
        QCOMPARE(parse(text.text(8)).text(8), std::string("**bold** ä"));
        QCOMPARE(parse(parse(text.text(9)).text(1)).text(1), std::string("text"));
    }

    void histogramsCountEveryFiniteValue()
    {
        const double nan = std::numeric_limits<double>::quiet_NaN();
        auto file = EventFile::open(folder());
        QVERIFY_RESULT(file);
        std::vector<double> values{ nan, std::numeric_limits<double>::infinity() };
        QVERIFY_RESULT(file->histogram("none", 1, values));
        for (int at = 0; at <= 60; ++at)
            values.push_back(at);
        QVERIFY_RESULT(file->histogram("many", 1, values));
        QVERIFY_RESULT(file->histogram("one", 1, std::vector<double>(5, 2.5)));
        QVERIFY_RESULT(file->histogram(
            "counted", 1, std::vector<double>{ -1, 0, 4 }, std::vector<double>{ 3, 1 }));
        QVERIFY_RESULT(file->flush());
        const auto events = eventsOf(file->path());
        QCOMPARE(events.size(), std::size_t(2 + 3));
        const Fields many = parse(valueOf(events[2]).text(5));
        QCOMPARE(many.real(1), 0.0);
        QCOMPARE(many.real(2), 60.0);
        QCOMPARE(many.real(3), 61.0);
        QCOMPARE(many.real(4), 1830.0);
        const auto limits = many.packed(6), counts = many.packed(7);
        QCOMPARE(limits.size(), counts.size());
        QCOMPARE(limits.back(), 60.0);
        double sum = 0;
        for (const double count : counts)
            sum += count;
        QCOMPARE(sum, 61.0);
        QCOMPARE(parse(valueOf(events[3]).text(5)).real(3), 5.0);
        const Fields counted = parse(valueOf(events[4]).text(5));
        QCOMPARE(counted.real(1), -1.0);
        QCOMPARE(counted.real(3), 4.0);
        QVERIFY((counted.packed(6) == std::vector<double>{ 0, 4 }));
        QVERIFY((counted.packed(7) == std::vector<double>{ 3, 1 }));
    }

    void aTornEndIsCutOffWhereverItIs()
    {
        fs::path path;
        {
            auto file = EventFile::open(folder());
            QVERIFY_RESULT(file);
            path = file->path();
            QVERIFY_RESULT(file->scalar("loss", 1, 1.0));
        }
        const std::string whole = *readFile(path);
        for (std::size_t length = 0; length < whole.size(); ++length) {
            QVERIFY_RESULT(writeFileAtomically(path, whole.substr(0, length)));
            {
                const auto next = EventFile::open(folder(), 1);
                QVERIFY_RESULT(next);
                QVERIFY(utf8(next->path()) > utf8(path));
            }
            const std::string left = *readFile(path);
            QCOMPARE(wholeEventRecords(left), left.size());
            QVERIFY(left.size() <= length);
            for (const auto& other : files())
                if (other != path)
                    fs::remove(other);
        }
        std::string flipped = whole;
        flipped[whole.size() - 6] ^= 1;
        QVERIFY(wholeEventRecords(flipped) < whole.size());
    }

    void aFullDiskIsToldAndNothingIsLostWhenThereIsRoomAgain()
    {
        auto file = EventFile::open(folder());
        QVERIFY_RESULT(file);
        QVERIFY_RESULT(file->scalar("loss", 1, 1.0));
        {
            const test::FullDisk full(fs::file_size(file->path()) + 10);
            QVERIFY_ERROR(file->flush(), ErrorKind::Io);
            const std::string left = *readFile(file->path());
            QCOMPARE(wholeEventRecords(left), left.size());
        }
        QVERIFY_RESULT(file->flush());
        QCOMPARE(eventsOf(file->path()).size(), std::size_t(3));
    }

    void everyFileSortsBehindTheOnesBefore()
    {
        QVERIFY_RESULT(
            writeFileAtomically(folder() / "events.out.tfevents.9999999990.clipscope.00000", ""));
        std::vector<fs::path> inOrder = files();
        for (int at = 0; at < 12; ++at) {
            const auto file = EventFile::open(folder());
            QVERIFY_RESULT(file);
            inOrder.push_back(file->path());
        }
        QVERIFY(inOrder == files());
    }

    void tensorBoardReadsAllAndForgetsWhatAResumedRunDoesAgain()
    {
        const QString python = qEnvironmentVariable("CLIPSCOPE_PYTHON", QStringLiteral("python3"));
        const QString ask
            = QStringLiteral("from tensorboard.backend.event_processing.event_accumulator import "
                             "EventAccumulator\n");
        QProcess probe;
        probe.start(python, { QStringLiteral("-c"), ask });
        if (!probe.waitForFinished(60'000) || probe.exitCode() != 0)
            QSKIP("Python with TensorBoard is not there (CLIPSCOPE_PYTHON names another Python).");
        {
            auto first = EventFile::open(folder());
            QVERIFY_RESULT(first);
            for (int step = 1; step <= 10; ++step)
                QVERIFY_RESULT(first->scalar("train/loss", step, 100.0 + step));
            QVERIFY_RESULT(first->text("run/config", 1, "train.steps = 10"));
            QVERIFY_RESULT(first->histogram("train/margin", 1, std::vector<double>{ 1, 2, 3 }));
        }
        {
            auto resumed = EventFile::open(folder(), 6); // after the checkpoint of step 5
            QVERIFY_RESULT(resumed);
            for (int step = 6; step <= 8; ++step)
                QVERIFY_RESULT(resumed->scalar("train/loss", step, 200.0 + step));
        }
        QProcess process;
        process.start(python,
            { QStringLiteral("-c"),
                ask
                    + QStringLiteral(
                        "import json, sys\n"
                        "from tensorboard.util import tensor_util\n"
                        "a = EventAccumulator(sys.argv[1]); a.Reload()\n"
                        "print(json.dumps({'loss': [[e.step, e.value] for e in "
                        "a.Scalars('train/loss')], "
                        "'text': a.Tensors('run/config')[0].tensor_proto.string_val[0].decode(), "
                        "'plugin': a.SummaryMetadata('run/config').plugin_data.plugin_name, "
                        "'count': a.Histograms('train/margin')[0].histogram_value.num}))\n"),
                m_temporary->path() });
        QVERIFY(process.waitForFinished(60'000));
        const QByteArray errors = process.readAllStandardError();
        QVERIFY2(process.exitCode() == 0, errors.constData());
        const auto told = parseJson(process.readAllStandardOutput().toStdString());
        QVERIFY_RESULT(told);
        QVERIFY2((*told)["loss"]
                == Json::parse("[[1,101.0],[2,102.0],[3,103.0],[4,104.0],[5,105.0],"
                               "[6,206.0],[7,207.0],[8,208.0]]"),
            told->dump().c_str());
        QCOMPARE((*told)["text"].get<std::string>(), std::string("train.steps = 10"));
        QCOMPARE((*told)["plugin"].get<std::string>(), std::string("text"));
        QCOMPARE((*told)["count"].get<double>(), 3.0);
    }
};

QTEST_GUILESS_MAIN(TestEventFile)
#include "tst_event_file.moc"
