#include "base/files.h"
#include "support/made_up_checkpoint.h"
#include "support/verify.h"
#include "tensor/torch_file.h"

#include <ATen/ATen.h>
#include <QTemporaryDir>
#include <QtTest>

#include <cstring>
#include <fstream>

using namespace clipscope;
using namespace std::string_literals;

namespace {

/// A legacy stream: magic, version, system, the given state dict, its storage keys and data.
std::string legacy(const std::string& state, const std::string& tail)
{
    const std::string magic("\x80\x02\x8a\x0al\xfc\x9c\x46\xf9 j\xa8P\x19.", 15);
    const std::string version("\x80\x02M\xe9\x03.", 6);
    const std::string system("\x80\x02}.", 4);
    return magic + version + system + "\x80\x02" + state + "." + tail;
}

/// {"w": tensor of `count` floats from a storage of two}, opcode by opcode.
std::string tensorState(char count)
{
    return std::string("}U\x01w") + "ctorch._utils\n_rebuild_tensor_v2\n((U\x07storage"
        + "ctorch\nFloatStorage\nU\x01" + "0U\x03" + "cpuK\x02NtQK" + std::string(1, '\0') + "K"
        + count + "\x85K\x01\x85\x89" + "ccollections\nOrderedDict\n)RtRs";
}

std::string storageTail()
{
    const std::int64_t count = 2;
    const float values[] = { 1.5f, -2.0f };
    std::string data(sizeof count + sizeof values, '\0');
    std::memcpy(data.data(), &count, sizeof count);
    std::memcpy(data.data() + sizeof count, values, sizeof values);
    return std::string("\x80\x02]U\x01"
                       "0a.")
        + data;
}

} // namespace

class TestTorchFile : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }
    void aStateDictIsRead();
    void unknownClassesAreOpaque();
    void forbiddenCallsAreRefused_data();
    void forbiddenCallsAreRefused();
    void brokenFilesAreRefused_data();
    void brokenFilesAreRefused();
    void everyCutIsRefused_data();
    void everyCutIsRefused();
    void bothFormsGiveTheSameTensors();
    void noFileAsksForMoreThanItIs_data();
    void noFileAsksForMoreThanItIs();
    void twoEntriesOfOneNameAreRefused();
    void theFormatIsTold();
    void filesOfAnotherVersionOrByteOrderAreRefused();

private:
    Result<tensor::TensorFile> read(const std::string& bytes) const
    {
        const auto path = pathFromUtf8(m_folder.filePath("x.pth").toStdString());
        std::ofstream(path, std::ios::binary) << bytes; // not synced: one file for each cut
        return tensor::readTensors(path);
    }
    QTemporaryDir m_folder;
};

void TestTorchFile::aStateDictIsRead()
{
    const auto file = read(legacy(tensorState(2), storageTail()));
    QVERIFY_RESULT(file);
    QCOMPARE(file->tensors.size(), 1u);
    QVERIFY(file->tensors.at("w").equal(at::tensor({ 1.5f, -2.0f })));
}

void TestTorchFile::unknownClassesAreOpaque()
{
    const std::string state = tensorState(2)
        + "U\x03"
          "cfgcargparse\nNamespace\n)R}U\x01"
          "aK\x01sbs";
    const auto file = read(legacy(state, storageTail()));
    QVERIFY_RESULT(file);
    QCOMPARE(file->tensors.size(), 1u);
}

void TestTorchFile::forbiddenCallsAreRefused_data()
{
    QTest::addColumn<QString>("global");
    for (const char* name : { "os\nsystem", "posix\nsystem", "subprocess\nPopen", "builtins\neval",
             "__builtin__\nexec", "importlib\nimport_module", "os.path\njoin", "runpy\nrun_path" })
        QTest::newRow(name) << name;
}

void TestTorchFile::forbiddenCallsAreRefused()
{
    QFETCH(QString, global);
    std::string state = "c";
    state += global.toStdString();
    state += "\nU\x04true\x85R";
    const auto file = read(legacy(state, storageTail()));
    QVERIFY_ERROR(file, ErrorKind::BadInput);
    const std::string name = global.replace('\n', '.').toStdString();
    QVERIFY2(file.error().message.find(name) != std::string::npos, file.error().message.c_str());
}

void TestTorchFile::brokenFilesAreRefused_data()
{
    QTest::addColumn<QByteArray>("bytes");
    const auto row = [](const char* name, const std::string& bytes) {
        QTest::newRow(name) << QByteArray::fromStdString(bytes);
    };
    row("empty", "");
    row("text", "this is not a checkpoint at all");
    row("zip without directory", std::string("PK\x03\x04", 4) + std::string(40, '\0'));
    row("view beyond its storage", legacy(tensorState(3), storageTail()));
    row("unknown instruction", legacy("\xff", ""));
    row("nothing to take", legacy("a", ""));
    row("mark that is not there", legacy("u", ""));
    row("value never stored", legacy("h\x07", ""));
    row("text longer than the file",
        legacy(std::string("\x8d\xff\xff\xff\xff\xff\xff\xff\x7f", 9), ""));
    row("no tensors", legacy("}", "\x80\x02]."));
    row("dictionary inside itself",
        legacy("}q\x01U\x01"
               "ah\x01s",
            "\x80\x02]."));
}

void TestTorchFile::brokenFilesAreRefused()
{
    QFETCH(QByteArray, bytes);
    QVERIFY_ERROR(read(bytes.toStdString()), ErrorKind::BadInput);
}

namespace {

tensor::TensorFile smallFile()
{
    tensor::TensorFile file;
    file.tensors["a"] = at::arange(6, at::kFloat).view({ 2, 3 });
    file.tensors["b"] = at::ones({ 3 }, at::kHalf);
    file.tensors["c"] = at::scalar_tensor(7, at::kLong);
    return file;
}

} // namespace

void TestTorchFile::everyCutIsRefused_data()
{
    QTest::addColumn<QByteArray>("whole");
    const test::CheckpointMaker maker(smallFile(), test::Wrapping::Fairseq);
    QTest::newRow("stream by hand")
        << QByteArray::fromStdString(legacy(tensorState(2), storageTail()));
    QTest::newRow("stream") << QByteArray::fromStdString(maker.stream());
    QTest::newRow("zip") << QByteArray::fromStdString(maker.zip());
}

void TestTorchFile::everyCutIsRefused()
{
    QFETCH(QByteArray, whole);
    const std::string bytes = whole.toStdString();
    for (std::size_t size = 0; size < bytes.size(); ++size)
        QVERIFY_ERROR(read(bytes.substr(0, size)), ErrorKind::BadInput);
}

void TestTorchFile::bothFormsGiveTheSameTensors()
{
    const auto expected = smallFile();
    for (const auto wrapping : { test::Wrapping::Bare, test::Wrapping::Fairseq }) {
        const test::CheckpointMaker maker(expected, wrapping);
        for (const std::string& bytes : { maker.stream(), maker.zip() }) {
            const auto file = read(bytes);
            QVERIFY_RESULT(file);
            QCOMPARE(file->tensors.size(), expected.tensors.size());
            for (const auto& [name, value] : expected.tensors)
                QVERIFY2(file->tensors.at(name).equal(value), name.c_str());
        }
    }
}

void TestTorchFile::noFileAsksForMoreThanItIs_data()
{
    QTest::addColumn<QByteArray>("state");
    const auto row = [](const char* name, const std::string& state) {
        QTest::newRow(name) << QByteArray::fromStdString(state);
    };
    // A view that repeats one number 2^31 - 1 times: stride 0.
    row("expanded view",
        "}U\x01wctorch._utils\n_rebuild_tensor_v2\n((U\x07storagectorch\nFloatStorage\nU\x01"s
        "0U\x03"s
        "cpuK\x02NtQK\0J\xff\xff\xff\x7f\x85K\0\x85\x89"s
        "ccollections\nOrderedDict\n)RtRs"s);
    // Each dictionary holds the one before twice: 2^15 names, and with eight entries 8^15.
    std::string nested = "}q\0"s;
    for (char level = 0; level < 15; ++level) {
        nested += "}("s;
        for (char entry = 0; entry < 8; ++entry)
            nested += "U\x01"s + static_cast<char>('a' + entry) + "h"s + level;
        nested += "uq"s + static_cast<char>(level + 1);
    }
    row("names without end", nested);
    row("five million values", std::string(5'000'000, 'N'));
    row("five million copies", "N"s + std::string(5'000'000, '2'));
    // A list of 100,000 pairs, made into a dictionary a thousand times.
    std::string pairs = "](";
    for (int i = 0; i < 100'000; ++i)
        pairs += "NN\x86"s;
    pairs += "e\x85q\x01"s
             "ccollections\nOrderedDict\nq\x02"s;
    for (int i = 0; i < 1000; ++i)
        pairs += "h\x02h\x01R"s;
    row("copied pairs", pairs);
    row("endless class name",
        "X"s + "\x00\x00\x10\x00"s + std::string(1 << 20, 'm') + "q\x01h\x01\x93"s);
    row("storage larger than the file",
        "(U\x07storagectorch\nFloatStorage\nU\x01"s
        "0U\x03"s
        "cpuJ\xff\xff\xff\x7fNtQ"s);
}

void TestTorchFile::noFileAsksForMoreThanItIs()
{
    QFETCH(QByteArray, state);
    QVERIFY_ERROR(read(legacy(state.toStdString(), storageTail())), ErrorKind::BadInput);
}

void TestTorchFile::twoEntriesOfOneNameAreRefused()
{
    std::string bytes = test::CheckpointMaker(smallFile(), test::Wrapping::Bare).zip();
    for (auto at = bytes.find("archive/data/1"); at != std::string::npos;
         at = bytes.find("archive/data/1"))
        bytes[at + 13] = '0';
    QVERIFY_ERROR(read(bytes), ErrorKind::BadInput);
}

void TestTorchFile::theFormatIsTold()
{
    const auto path = pathFromUtf8(m_folder.filePath("f").toStdString());
    const test::CheckpointMaker maker(smallFile(), test::Wrapping::Bare);
    const auto told = [&](const std::string& bytes) -> Result<tensor::FileFormat> {
        CLIP_TRY(writeFileAtomically(path, bytes));
        return tensor::fileFormatOf(path);
    };
    QVERIFY(told(maker.zip()).value() == tensor::FileFormat::TorchZip);
    QVERIFY(told(maker.stream()).value() == tensor::FileFormat::TorchStream);
    QVERIFY_RESULT(tensor::writeSafetensors(path, smallFile()));
    QVERIFY(tensor::fileFormatOf(path).value() == tensor::FileFormat::Safetensors);
    QVERIFY(told("\x93NUMPY\x01").value() == tensor::FileFormat::Npy);
    const auto page = told("<!DOCTYPE html><html>please log in</html>");
    QVERIFY_ERROR(page, ErrorKind::BadInput);
    QVERIFY(page.error().message.find("web page") != std::string::npos);
    // A pickle that no torch.save() wrote is not looked into.
    QVERIFY_ERROR(told("\x80\x04\x95)."), ErrorKind::BadInput);
}

void TestTorchFile::filesOfAnotherVersionOrByteOrderAreRefused()
{
    const test::CheckpointMaker maker(smallFile(), test::Wrapping::Bare);
    std::string future = maker.stream();
    const std::string version("M\xe9\x03.", 4); // 1001
    future[future.find(version) + 1] = '\xea';
    QVERIFY_ERROR(read(future), ErrorKind::Unsupported);
    std::string foreign = maker.stream();
    const std::string system("\x80\x02}.", 4);
    foreign.replace(
        foreign.find(system), system.size(), "\x80\x02}X\x0d\0\0\0little_endian\x89s."s);
    QVERIFY_ERROR(read(foreign), ErrorKind::Unsupported);
}

QTEST_GUILESS_MAIN(TestTorchFile)
#include "tst_torch_file.moc"
