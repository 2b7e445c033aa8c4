#include "store/metrics_scan.h"

#include "base/files.h"
#include "store/run_folder.h"
#include "support/verify.h"

#include <QTemporaryDir>

#include <cmath>

using namespace clipscope;
using namespace clipscope::store;

namespace {

struct Number
{
    std::int64_t step;
    std::string name;
    double value;

    bool operator==(const Number& other) const
    {
        return step == other.step && name == other.name
            && (value == other.value || (std::isnan(value) && std::isnan(other.value)));
    }
};

} // namespace

class TestMetricsScan : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        test::failOnAnyWarning();
        m_folder = std::make_unique<QTemporaryDir>();
        m_run = RunFolder::create(m_folder->path().toStdString(), "run-1").value();
    }
    void cleanup() { m_folder.reset(); }

    void readsWhatTheSlowReaderReads();
    void goesOnWhereItEnded();
    void waitsForALineThatIsBeingWritten();
    void readsFilesOfManyBlocks();
    void takesOnlyLinesWithAWord();
    void endsWhenOthersShallGetATurn();
    void stopsWhenAsked();

private:
    std::vector<Number> scan(MetricsScan what, std::uint64_t* end = nullptr)
    {
        std::vector<Number> numbers;
        const auto read = scanMetrics(m_run->metricsFile(), what, {},
            [&numbers](std::int64_t step, std::string_view name, double value) {
                numbers.push_back({ step, std::string(name), value });
            });
        if (end && read)
            *end = *read;
        return numbers;
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::optional<RunFolder> m_run;
};

void TestMetricsScan::readsWhatTheSlowReaderReads()
{
    QVERIFY(scan({}).empty()); // nothing there yet
    QVERIFY_RESULT(writeFileAtomically(m_run->metricsFile(),
        "{\"step\":1,\"loss\":2.5,\"recall-1\":0.25}\n"
        "{\"loss\":1e-7, \"step\": 2 ,\"lr\":-3}\n"
        "{\"step\":3,\"loss\":\"nan\",\"norm\":\"inf\",\"low\":\"-inf\"}\n"
        "damaged\n"
        "\n"
        "{\"step\":4,\"loss\":1.5\n"
        "{\"step\":5,\"note\":\"text\",\"list\":[1,2],\"loss\":0.5}\n"
        "{\"step\":6,\"a\\\"b\":7}\n"
        "{\"step\":7}\n"
        "{\"step\":8,\"loss\":0.125}\n"));
    std::vector<Number> expected;
    const auto slow = m_run->readMetrics();
    QVERIFY_RESULT(slow);
    for (const MetricsRow& row : slow->rows)
        for (const auto& [name, value] : row.values)
            expected.push_back({ row.step, name, value });
    std::uint64_t end = 0;
    QCOMPARE(scan({}, &end), expected);
    QCOMPARE(end, slow->nextOffset);
    QVERIFY(expected.size() > 8);
}

void TestMetricsScan::goesOnWhereItEnded()
{
    QVERIFY_RESULT(m_run->appendMetrics({ 1, { { "loss", 2.0 } } }));
    std::uint64_t end = 0;
    QCOMPARE(scan({}, &end).size(), 1u);
    QVERIFY_RESULT(m_run->appendMetrics({ 2, { { "loss", 1.0 } } }));
    MetricsScan rest;
    rest.from = end;
    QCOMPARE(scan(rest), (std::vector<Number>{ { 2, "loss", 1.0 } }));
}

void TestMetricsScan::waitsForALineThatIsBeingWritten()
{
    const std::string whole = "{\"step\":1,\"loss\":2.0}\n";
    for (std::size_t size = 0; size < whole.size(); ++size) {
        QVERIFY_RESULT(writeFileAtomically(m_run->metricsFile(), whole.substr(0, size)));
        std::uint64_t end = 99;
        QVERIFY(scan({}, &end).empty());
        QCOMPARE(end, 0u);
    }
}

void TestMetricsScan::readsFilesOfManyBlocks()
{
    std::string text;
    std::int64_t rows = 0;
    while (text.size() < (3U << 20U) + 17)
        text += "{\"loss\":0.5,\"step\":" + std::to_string(++rows) + "}\n";
    QVERIFY_RESULT(writeFileAtomically(m_run->metricsFile(), text));
    const std::vector<Number> numbers = scan({});
    QCOMPARE(static_cast<std::int64_t>(numbers.size()), rows);
    for (std::int64_t i = 0; i < rows; ++i)
        QCOMPARE(numbers[static_cast<std::size_t>(i)].step, i + 1);
}

void TestMetricsScan::takesOnlyLinesWithAWord()
{
    for (int step = 1; step <= 20; ++step) {
        MetricsRow row{ step, { { "loss", 1.0 } } };
        if (step % 5 == 0)
            row.values.emplace_back("recall-1", step / 100.0);
        QVERIFY_RESULT(m_run->appendMetrics(row));
    }
    MetricsScan some;
    some.onlyWith = "\"recall-1\"";
    const std::vector<Number> numbers = scan(some);
    QCOMPARE(numbers.size(), 8u); // four lines of two numbers
    QCOMPARE(numbers.back(), (Number{ 20, "recall-1", 0.2 }));
}

void TestMetricsScan::endsWhenOthersShallGetATurn()
{
    std::string text;
    while (text.size() < (4U << 20U))
        text += "{\"loss\":0.5,\"step\":1}\n";
    QVERIFY_RESULT(writeFileAtomically(m_run->metricsFile(), text));
    MetricsScan part;
    part.mostBytes = 1000;
    std::uint64_t end = 0;
    scan(part, &end);
    QVERIFY(end >= 1000 && end <= (2U << 20U));
    std::size_t rows = 0;
    for (part.from = 0; part.from < text.size(); part.from = end)
        rows += scan(part, &end).size();
    QCOMPARE(rows, scan({}).size());
}

void TestMetricsScan::stopsWhenAsked()
{
    QVERIFY_RESULT(m_run->appendMetrics({ 1, { { "loss", 2.0 } } }));
    std::stop_source stop;
    stop.request_stop();
    QVERIFY_ERROR(scanMetrics(m_run->metricsFile(), {}, stop.get_token(),
                      [](std::int64_t, std::string_view, double) {}),
        ErrorKind::Cancelled);
}

QTEST_GUILESS_MAIN(TestMetricsScan)
#include "tst_metrics_scan.moc"
