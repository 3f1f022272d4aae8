package dev.slipway.actor.probe;

import java.io.IOException;

/// The static Huffman code of HTTP/2's header fields. It is canonical: symbols of one length have successive codes, so
/// the lengths tell all. Pure.
///
/// @spec https://www.rfc-editor.org/rfc/rfc7541#appendix-B HPACK: Huffman Code
final class Huffman {
    /// The length of each symbol's code, from 0 to 255 and the end: `A` is 5 bits.
    private static final String LENGTHS = "ISXXXXXXXTZXXZXXXXXXXXZXXXXXXXXXBFFHIBDGFFDGDBBBAAABBBBBBBCDKBHF"
            + "IBCCCCCCCCCCCCCCCCCCCCCCDCDIOIJBKABABABBBACCBBBABCBAABCCCCCKGJIX"
            + "PRPPRRRSRSSSSSTSTTRSTSSSSQRSRSSTRQPRRSSQSRRTQRSSQQRQSRSSPRRRSRRS"
            + "VVPORSRUVVVWWVTUOQVWWVWTQQVVXWWWPTPQRQQSRRUUTTVSVWVVWWWWWXWWWWWVZ";
    private static final int SHORTEST = 5;
    private static final int LONGEST = 30;
    private static final int END = 256;

    private final int[] firstCode = new int[LONGEST + 2];
    /// Where the symbols of each length begin in `symbols`.
    private final int[] firstPlace = new int[LONGEST + 2];
    private final int[] symbols = new int[END + 1];

    private Huffman() {}

    static Huffman table() {
        Huffman table = new Huffman();
        int code = 0;
        int place = 0;
        for (int length = SHORTEST; length <= LONGEST; length++) {
            code <<= 1;
            table.firstCode[length] = code;
            table.firstPlace[length] = place;
            for (int symbol = 0; symbol <= END; symbol++) {
                if (LENGTHS.charAt(symbol) - 'A' + SHORTEST == length) {
                    table.symbols[place++] = symbol;
                    code++;
                }
            }
        }
        table.firstPlace[LONGEST + 1] = place;
        return table;
    }

    String unpack(byte[] packed) throws IOException {
        StringBuilder text = new StringBuilder();
        int code = 0;
        int length = 0;
        for (int bit = 0; bit < packed.length * 8; bit++) {
            code = code << 1 | packed[bit >> 3] >> (7 - (bit & 7)) & 1;
            length++;
            if (length >= SHORTEST && code - firstCode[length] < firstPlace[length + 1] - firstPlace[length]) {
                int symbol = symbols[firstPlace[length] + code - firstCode[length]];
                if (symbol == END) {
                    throw new IOException("end in the midst of a text");
                }
                text.append((char) symbol);
                code = 0;
                length = 0;
            }
            if (length >= LONGEST) {
                throw new IOException("no such code");
            }
        }
        if (length > 7 || code != (1 << length) - 1) {
            throw new IOException("text is not padded with ones");
        }
        return text.toString();
    }
}
