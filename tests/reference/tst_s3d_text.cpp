#include "base/json.h"
#include "model/s3d_text.h"
#include "reference/s3d_fixtures.h"
#include "support/formula_weights.h"
#include "support/verify.h"
#include "text/word_list.h"

#include <QtTest>

#include <optional>

using namespace clipscope;

/// The text head of S3D against the reference; every size and name comes from the fixture files.
class TestS3dText : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init() { test::failOnAnyWarning(); }
    void sentencesBecomeTheSameIds();
    void embeddingsAgree();
    void aMissingTensorIsNamed();
    void aTensorOfAnotherShapeIsNamed();

private:
    Json m_names;
    tensor::TensorFile m_weights, m_io;
    std::optional<model::S3dText> m_head;
};

void TestS3dText::initTestCase()
{
    if (!test::S3dFixtures::areThere())
        QSKIP("the parity fixtures are not there; set CLIPSCOPE_FIXTURES");
    const auto fixtures = test::S3dFixtures::read();
    QVERIFY_RESULT(fixtures);
    m_names = fixtures->names;
    m_io = fixtures->io;
    Json own = Json::array();
    for (const Json& item : m_names["tensors"])
        if (item["name"].get<std::string>().starts_with("text_module."))
            own.push_back(item);
    m_weights = test::formulaFile(own);
    const auto head = model::S3dText::create(m_weights, "");
    QVERIFY_RESULT(head);
    m_head = *head;
}

void TestS3dText::sentencesBecomeTheSameIds()
{
    const text::WordList list(m_names["word_list"].get<std::vector<std::string>>());
    for (const Json& sentence : m_names["sentences"]) {
        const auto text = sentence["text"].get<std::string>();
        QCOMPARE(text::plainWords(text), sentence["split"].get<std::vector<std::string>>());
        const auto ids = sentence["ids"].get<std::vector<std::int64_t>>();
        QCOMPARE(list.ids(text, ids.size()), ids);
    }
}

void TestS3dText::embeddingsAgree()
{
    QVERIFY_WITHIN(test::distance(m_head->embedding(m_io.tensors.at("text_ids")),
                       m_io.tensors.at("text_embedding")),
        1e-4);
    std::vector<at::Tensor> rows;
    for (const Json& sentence : m_names["sentences"])
        rows.push_back(at::tensor(sentence["ids"].get<std::vector<std::int64_t>>(), at::kLong));
    const at::Tensor& expected = m_io.tensors.at("sentence_embedding");
    QCOMPARE(expected.size(0), static_cast<std::int64_t>(rows.size()));
    QVERIFY_WITHIN(test::distance(m_head->embedding(at::stack(rows)), expected), 1e-4);
    QCOMPARE(m_head->width(), expected.size(1));
}

void TestS3dText::aMissingTensorIsNamed()
{
    auto file = m_weights;
    file.tensors.erase("text_module.fc2.bias");
    const auto head = model::S3dText::create(file, "", "s3d.pth");
    QVERIFY_ERROR(head, ErrorKind::BadInput);
    QCOMPARE(head.error().place.toString(), std::string("s3d.pth: tensor text_module.fc2.bias"));
}

void TestS3dText::aTensorOfAnotherShapeIsNamed()
{
    auto file = m_weights;
    file.tensors["text_module.fc1.weight"] = at::zeros({ 4, 7 });
    const auto head = model::S3dText::create(file, "", "s3d.pth");
    QVERIFY_ERROR(head, ErrorKind::BadInput);
    QCOMPARE(head.error().place.toString(), std::string("s3d.pth: tensor text_module.fc1.weight"));
}

QTEST_GUILESS_MAIN(TestS3dText)
#include "tst_s3d_text.moc"
