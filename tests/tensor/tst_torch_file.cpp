#include "base/files.h"
#include "support/verify.h"
#include "tensor/torch_file.h"

#include <ATen/ATen.h>
#include <QTemporaryDir>
#include <QtTest>

#include <cstring>

using namespace clipscope;

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
    void everyCutIsRefused();

private:
    Result<tensor::TensorFile> read(const std::string& bytes) const
    {
        const auto path = pathFromUtf8(m_folder.filePath("x.pth").toStdString());
        CLIP_TRY(writeFileAtomically(path, bytes));
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

void TestTorchFile::everyCutIsRefused()
{
    const std::string whole = legacy(tensorState(2), storageTail());
    for (std::size_t size = 0; size < whole.size(); ++size)
        QVERIFY_ERROR(read(whole.substr(0, size)), ErrorKind::BadInput);
}

QTEST_GUILESS_MAIN(TestTorchFile)
#include "tst_torch_file.moc"
