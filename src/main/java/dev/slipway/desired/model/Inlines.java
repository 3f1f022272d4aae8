package dev.slipway.desired.model;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// On a record: its JSON also has fields of another class, side by side with its own, under the same names.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Inlines {
    /// The class whose fields are there too.
    Class<?> value();

    /// Which of them; empty means all.
    String[] only() default {};

    /// A second class, and which of its fields.
    Class<?> also() default Void.class;

    String[] alsoOnly() default {};
}
