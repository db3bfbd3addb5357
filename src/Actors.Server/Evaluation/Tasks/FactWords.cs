namespace Actors.Server.Evaluation;

/// <summary>The words that facts are made of: those of the training data of the bundled model (tools/train/facts.py).</summary>
internal static class FactWords
{
    public static readonly string[] Syllables = Split(
        "ba be bo bu da de di do fa fi ga go ha he ka ke ki ko la le li lo ma me mi mo na ne ni no pa pe pi po ra re ri ro sa se si so ta te ti to " +
        "va ve vi vo za ze zi zo");

    public static readonly string[] Colors = Split("red blue green yellow purple orange maroon teal crimson indigo silver golden black white violet scarlet");

    public static readonly string[] Cities = Split(
        "Lisbon Oslo Cairo Lima Tokyo Quito Dublin Vienna Prague Athens Geneva Madrid Havana Nairobi Seoul Milan Zagreb Riga Porto Bergen");

    public static readonly string[] Names = Split(
        "Ana Ben Carla David Elena Farid Greta Hugo Irene Jonas Katya Liam Mona Nils Olga Pedro Quinn Rosa Samir Tina Ugo Vera Walter Xenia Yusuf Zoe");

    public static readonly string[] Things = Split(
        "dog cat car boat bike house office garden project laptop server router locker safe gate alarm account bank ticket flight train hotel room doctor " +
        "lawyer teacher boss neighbor sister brother cousin uncle aunt mother father friend team band school company street shop printer phone tablet camera " +
        "drone robot guitar piano horse parrot rabbit turtle plant vault engine sensor cluster database bucket queue key badge card desk wallet passport license visa");

    /// <summary>Attribute and the kind of its value.</summary>
    public static readonly (string Attribute, string Kind)[] Attributes =
    [
        ("name", "word"), ("code", "number"), ("password", "mixed"), ("color", "color"), ("city", "city"), ("number", "number"), ("owner", "person"),
        ("label", "word"), ("pin", "number"), ("address", "address"), ("serial", "mixed"), ("nickname", "word"),
    ];

    private static string[] Split(string words) => words.Split(' ');
}
