package dev.slipway.door.protobuf;

/// One field of a message as the table has it.
///
/// @param name the JSON name; empty when the message in this field lends its fields to the message around it
/// @param shape how often the value occurs, and whether a zero is worth telling
/// @param type `string`, `bytes`, `bool`, `int`, `float`, `strings` (a message around a list), or the name of a message
record MessageField(int number, String name, Shape shape, String type) {
    enum Shape {
        /// Always written by Go, so that zero or empty means "not set".
        PLAIN(""),
        /// Written only when set, so that zero or empty was meant.
        POINTER("*"),
        LIST("[]"),
        MAP("{}");

        private final String sign;

        Shape(String sign) {
            this.sign = sign;
        }
    }

    /// Reads `<number>:<name>:<sign><type>`.
    static MessageField parse(String text) {
        String[] parts = text.split(":", 3);
        Shape shape = Shape.PLAIN;
        for (Shape candidate : Shape.values()) {
            if (!candidate.sign.isEmpty() && parts[2].startsWith(candidate.sign)) {
                shape = candidate;
            }
        }
        return new MessageField(Integer.parseInt(parts[0]), parts[1], shape, parts[2].substring(shape.sign.length()));
    }

    /// What [#parse] reads.
    @Override
    public String toString() {
        return number + ":" + name + ":" + shape.sign + type;
    }
}
