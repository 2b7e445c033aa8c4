#include "base/files.h"
#include "support/verify.h"
#include "tensor/npy.h"

#include <ATen/ATen.h>
#include <QTemporaryDir>
#include <QtTest>

#include <fstream>

using namespace clipscope;
using namespace std::string_literals;

namespace {

std::string npy(std::string header, const std::string& data)
{
    header += '\n';
    std::string bytes("\x93NUMPY\x01\x00", 8);
    bytes += static_cast<char>(header.size() & 0xff);
    bytes += static_cast<char>(header.size() >> 8);
    return bytes + header + data;
}

} // namespace

class TestNpy : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { test::failOnAnyWarning(); }
    void everyTypeAndShapeSurvives();
    void fortranOrderIsTransposed();
    void brokenFilesAreRefused_data();
    void brokenFilesAreRefused();
    void everyCutIsRefused();
    void textsAreReadAsUtf8();
    void bfloat16HasNoNumpyType();

private:
    std::filesystem::path path(const char* name) const
    {
        return pathFromUtf8(m_folder.filePath(name).toStdString());
    }
    QTemporaryDir m_folder;
};

void TestNpy::everyTypeAndShapeSurvives()
{
    for (const auto type : { at::kDouble, at::kFloat, at::kHalf, at::kLong, at::kInt, at::kShort,
             at::kChar, at::kByte, at::kBool })
        for (const auto& shape : std::vector<std::vector<std::int64_t>>{
                 {}, { 0 }, { 5 }, { 2, 3 }, { 3, 0, 2 }, { 2, 3, 4 } }) {
            const at::Tensor value = at::randint(0, 2, shape).to(type);
            QVERIFY_RESULT(tensor::writeNpy(path("x.npy"), value));
            const auto back = tensor::readNpy(path("x.npy"));
            QVERIFY_RESULT(back);
            QCOMPARE(back->scalar_type(), type);
            QVERIFY(back->equal(value));
            QCOMPARE(std::filesystem::file_size(path("x.npy")) % 64, value.nbytes() % 64);
        }
}

void TestNpy::fortranOrderIsTransposed()
{
    const std::string bytes = npy("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }",
        std::string("\x00\x01\x02\x03\x04\x05", 6));
    QVERIFY_RESULT(writeFileAtomically(path("f.npy"), bytes));
    const auto read = tensor::readNpy(path("f.npy"));
    QVERIFY_RESULT(read);
    QVERIFY(read->equal(at::tensor({ 0, 2, 4, 1, 3, 5 }, at::kByte).view({ 2, 3 })));
}

void TestNpy::brokenFilesAreRefused_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("kind");
    const auto row
        = [](const char* name, const std::string& bytes, ErrorKind kind = ErrorKind::BadInput) {
              QTest::newRow(name) << QByteArray::fromStdString(bytes) << static_cast<int>(kind);
          };
    row("empty", "");
    row("other file", "hello, this is a text file");
    row("long header", std::string("\x93NUMPY\x01\x00\xff\xff{}", 12));
    row("no shape", npy("{'descr': '<f4', 'fortran_order': False}", ""));
    row("too short", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", "12345678"));
    row("overflow",
        npy("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999, 99999999999999), }",
            ""));
    row("objects", npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", "x"),
        ErrorKind::Unsupported);
    row("big-endian", npy("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", "1234"),
        ErrorKind::Unsupported);
    row("record", npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", "1234"),
        ErrorKind::Unsupported);
    row("texts", npy("{'descr': '<U1', 'fortran_order': False, 'shape': (1,), }", "1234"),
        ErrorKind::Unsupported);
    row("texts of no length",
        npy("{'descr': '<U0', 'fortran_order': False, 'shape': (999999999999,), }", ""),
        ErrorKind::Unsupported);
    row("hidden overflow",
        npy("{'descr': '<f8', 'fortran_order': False, 'shape': (0, 99999999999, 99999999999), }",
            ""));
    row("too many dimensions",
        npy("{'descr': '|u1', 'fortran_order': False, 'shape': "
            "(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1)}",
            "x"));
    row("negative size", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", ""));
    row("an entry twice",
        npy("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", "1234"));
    row("something to call", npy("{'descr': f(), 'fortran_order': False, 'shape': (1,)}", "1234"));
    row("endless word", npy("{'" + std::string(60000, 'a'), ""));
    row("future version", std::string("\x93NUMPY\x09\x00\x02\x00{}", 12), ErrorKind::Unsupported);
}

void TestNpy::brokenFilesAreRefused()
{
    QFETCH(QByteArray, bytes);
    QFETCH(int, kind);
    QVERIFY_RESULT(writeFileAtomically(path("broken.npy"), bytes.toStdString()));
    const auto read = tensor::readNpy(path("broken.npy"));
    QVERIFY_ERROR(read, static_cast<ErrorKind>(kind));
    QCOMPARE(read.error().place.file, path("broken.npy"));
}

void TestNpy::everyCutIsRefused()
{
    const std::string whole
        = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }", "12345678");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        std::ofstream(path("cut.npy"), std::ios::binary) << whole.substr(0, size);
        QVERIFY_ERROR(tensor::readNpy(path("cut.npy")), ErrorKind::BadInput);
    }
}

void TestNpy::textsAreReadAsUtf8()
{
    const std::u32string cells = U"a\0\u00e9\U0001f41f"s;
    const std::string data(reinterpret_cast<const char*>(cells.data()), 4 * cells.size());
    const std::string header = "{'descr': '<U2', 'fortran_order': False, 'shape': (2,), }";
    QVERIFY_RESULT(writeFileAtomically(path("t.npy"), npy(header, data)));
    const auto texts = tensor::readNpyTexts(path("t.npy"));
    QVERIFY_RESULT(texts);
    QCOMPARE(*texts, (std::vector<std::string>{ "a", "\xc3\xa9\xf0\x9f\x90\x9f" }));
    const std::string surrogate = std::string("\0\xd8\0\0", 4) + data.substr(4);
    QVERIFY_RESULT(writeFileAtomically(path("t.npy"), npy(header, surrogate)));
    QVERIFY_ERROR(tensor::readNpyTexts(path("t.npy")), ErrorKind::BadInput);
}

void TestNpy::bfloat16HasNoNumpyType()
{
    QVERIFY_ERROR(
        tensor::writeNpy(path("b.npy"), at::ones({ 2 }, at::kBFloat16)), ErrorKind::Unsupported);
    QVERIFY(!std::filesystem::exists(path("b.npy")));
}

QTEST_GUILESS_MAIN(TestNpy)
#include "tst_npy.moc"
